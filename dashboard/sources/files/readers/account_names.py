"""Finds the account of each post, as a name within its file. Other fields don't belong here."""

from collections.abc import Callable, Sequence
from typing import Any

from dashboard.sources.files.readers.cell_values import normalize_account_name
from dashboard.sources.files.readers.import_tally import ImportTally
from dashboard.sources.files.readers.post_addresses import parse_account_reference, parse_post_address

_MAX_CACHED_NAMES = 20_000  # spellings of account names that are cached
_MAX_NAME_CHARS = 400


class AccountNames:
    """The accounts of one file's posts.

    `fallback_account` is the account of posts that don't name one. With `owner_handle`, the handle in X's archive, all posts belong to that
    account. `repair_name` undoes damage by a wrong encoding, and `missing_notice` is the notice for posts without an account.
    """

    def __init__(
        self,
        tally: ImportTally,
        fallback_account: str,
        owner_handle: str | None,
        repair_name: Callable[[str], str],
        missing_notice: str,
    ) -> None:
        self._tally, self._repair_name, self._missing_notice = tally, repair_name, missing_notice
        self.has_owner = owner_handle is not None
        self.default = normalize_account_name(owner_handle or "") or normalize_account_name(fallback_account) or "unnamed"
        self._tally.add_spelling(self.default, owner_handle or fallback_account)
        self._name_by_raw_name: dict[Any, str] = {}
        self._spelling_by_name: dict[str, str] = {}

    def parse_all(self, values: Sequence[Any], addresses: Sequence[Any]) -> list[str]:
        """Return the names of accounts: of the values or, where there is none, of the posts' addresses."""
        if self.has_owner:
            return [self.default] * len(values)
        names = list(map(self._name_by_raw_name.get, values))
        if None in names:
            return [self._parse(value, address) for value, address in zip(values, addresses, strict=True)]
        return names  # type: ignore[return-value]

    def _parse(self, value: Any, address: Any) -> str:
        raw_name = value or parse_post_address(address)[0] or None
        raw_name = str(raw_name) if isinstance(raw_name, int) and abs(raw_name) < 10**20 else raw_name
        if not isinstance(raw_name, str):
            self._tally.add_notice(self._missing_notice)
            return self.default
        raw_name = raw_name[:_MAX_NAME_CHARS]
        name = self._name_by_raw_name.get(raw_name)
        if name is None:
            name = self._name_by_raw_name[raw_name] = self._normalize(self._repair_name(raw_name))
        return name

    def _normalize(self, raw_name: str) -> str:
        """Normalize a new name, and add a notice if another spelling has the same normalized name."""
        if len(self._name_by_raw_name) >= _MAX_CACHED_NAMES:
            self._name_by_raw_name.clear()
            self._spelling_by_name.clear()
        handle = parse_account_reference(raw_name)
        name = normalize_account_name(handle) or self.default
        self._tally.add_spelling(name, handle)
        spelling = handle.strip().removeprefix("@").lower()
        if self._spelling_by_name.setdefault(name, spelling) != spelling:
            self._tally.add_notice("alike")
        return name
