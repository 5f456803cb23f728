"""Messages about what was typed wrong, in which whatever may have been meant is a link to the same question with it.

A link never buys anything: if reading the corrected question could cost money, it leads to the form, which shows the price. What is
suggested is decided where the text is read.
"""

import re
from collections.abc import Iterable, Sequence
from urllib.parse import quote, urlencode

from flask import request, url_for
from markupsafe import Markup, escape

from dashboard.core import accounts
from dashboard.core.account_lists import split_accounts
from dashboard.core.accounts import Account
from dashboard.core.formatting.texts import format_list
from dashboard.core.messages import gettext
from dashboard.core.networks import NETWORKS
from dashboard.core.suggestions import Correction, Suggestion
from dashboard.web.extensions import sources


def link_suggestions(problems: Iterable[tuple[str, str]], corrections: Iterable[Correction]) -> list[tuple[str, str]]:
    """Return the problems as fields and messages; suggestions are links, and those of networks that can't be read here are left out."""
    correction_by_message = {correction.message: correction for correction in corrections if correction.suggestions}
    return [
        (field, _render(field, correction_by_message[message]) if message in correction_by_message else message)
        for field, message in problems
    ]


def _render(field: str, correction: Correction) -> Markup:
    links = [_render_link(field, correction.typed, suggestion) for suggestion in correction.suggestions if _is_readable(field, suggestion)]
    return escape(correction.sentence) + (Markup(" ") + _ask(links) if links else Markup(""))


def _ask(links: Sequence[Markup]) -> Markup:
    return Markup(gettext("Did you mean %(accounts)s?", accounts=format_list(links, conjunction="or")))


def _render_link(field: str, typed: str, suggestion: Suggestion) -> Markup:
    return Markup('<a href="{}" rel="nofollow">{}</a>').format(_build_url(field, typed, suggestion.value), suggestion.label)


def _build_url(field: str, typed: str, value: str) -> str:
    """Return the address of the same page with a part of a field replaced, or that of the form if reading it may cost money."""
    args = {name: ",".join(texts) for name, texts in request.args.to_dict(flat=False).items()}
    args[field] = _replace_part(args.get(field, ""), typed, value) if field == "users" else value
    path = url_for("pages.index") if _may_cost_money(args.get("users", "")) else request.path
    return f"{path}?{urlencode(args, safe=',:@/', quote_via=quote)}"


def _replace_part(text: str, typed: str, value: str) -> str:
    """Return the field of accounts with the part that was typed replaced, which may be an account in its canonical form."""
    pattern = r"\s+".join(map(re.escape, typed.split()))
    if match := re.search(pattern, text):
        return text[: match.start()] + value + text[match.end() :]
    parts = split_accounts(text)
    return ", ".join(value if typed in (part, str(_parse(part))) else part for part in parts)


def _is_readable(field: str, suggestion: Suggestion) -> bool:
    return field != "users" or all(_is_ready(account) for account in _parse_all(suggestion.value))


def _may_cost_money(users: str) -> bool:
    return any(NETWORKS[account.network].is_paid and _is_ready(account) for account in _parse_all(users))


def _is_ready(account: Account) -> bool:
    source = sources().get(account.network)
    return bool(source and source.readiness().ready)


def _parse_all(users: str) -> list[Account]:
    return [account for part in split_accounts(users) if (account := _parse(part))]


def _parse(part: str) -> Account | None:
    try:
        return accounts.parse_account(part)
    except accounts.InvalidAccount:
        return None
