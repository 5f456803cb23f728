"""Decides what a report calls each of its accounts: the name its owner chose, with the handle where the name alone would mislead.

How names are cleaned is in `display_names.py`, how handles are written is each network's business. Nothing is read here.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from dashboard.core.accounts import Account, InvalidAccount, parse_account
from dashboard.core.formatting.directions import isolate
from dashboard.core.look_alikes import fold_letters
from dashboard.core.networks import NETWORKS

_HANDLE_LIKE = re.compile(r"@\S+|\S+@\S+|\S+\.\w{2,}")


def label_accounts(accounts: Iterable[Account], names: Mapping[str, str]) -> dict[str, str]:
    """Return a different label for each account, by its canonical form and in the same order.

    `names` has the display names that are known, by the canonical form of the account. Without one, the label is the handle. Of accounts
    with the same name, and of one whose name looks like somebody's handle, the label has the handle in brackets too.
    """
    unique_accounts = list(dict.fromkeys(accounts))
    labels = [isolate(names[str(account)]) if names.get(str(account)) else account.label for account in unique_accounts]
    detailed = [
        _add_handle(label, account) if is_shared or _imitates_handle(label, account) else label
        for label, account, is_shared in zip(labels, unique_accounts, _find_shared(labels), strict=True)
    ]
    return {
        str(account): str(account) if is_shared else label
        for label, account, is_shared in zip(detailed, unique_accounts, _find_shared(detailed), strict=True)
    }


def describe_handle(canonical_account: str) -> str:
    """Return the handle and the network of an account in its canonical form: `@nasa · X`, for where the name has to be identified."""
    account = parse_account(canonical_account)
    return f"{isolate(account.handle)} · {NETWORKS[account.network].title}"


def find_author(canonical_account: str) -> Account | None:
    """Return the account of a post in a series of several accounts; None if files call it what can't be typed."""
    try:
        return parse_account(canonical_account)
    except InvalidAccount:
        return None


def label_author(canonical_account: str | None) -> str:
    """Return what to call the author of a post in a series of several accounts, "" if the post has none besides its account."""
    author = find_author(canonical_account) if canonical_account else None
    return author.author_label if author else canonical_account or ""


def _add_handle(label: str, account: Account) -> str:
    return label if label == account.label else f"{label} ({isolate(account.handle)})"


def _imitates_handle(label: str, account: Account) -> bool:
    """Return whether a label looks like a handle, but isn't this account's."""
    return bool(_HANDLE_LIKE.fullmatch(label)) and label.casefold().strip("@") not in (account.handle.strip("@"), account.name)


def _find_shared(labels: Sequence[str]) -> list[bool]:
    """Return for each label whether another one looks the same."""
    keys = [" ".join(unicodedata.normalize("NFKC", fold_letters(label)).casefold().split()) for label in labels]
    counts = Counter(keys)
    return [counts[key] > 1 for key in keys]
