"""The ledger of a day: what was reserved, may have been charged and was charged, in whole micro-dollars, as entries that are only appended.

An entry is the state of one reservation after a change, with a version. Reading entries twice or in another order changes nothing, so a
process can append what it knows to a store that has lost it. Prices, accounts and sentences don't belong here.
"""

import json
import threading
from dataclasses import asdict, dataclass, field, replace
from datetime import date, timedelta

from dashboard.timelines.durable_store import LEDGER_RETENTION_DAYS, DurableStore
from dashboard.timelines.outages import StoreUnavailable

ENTRY_KINDS = ("reserve", "begin_page", "end_page", "settle", "restore", "reconcile")
_MAX_AMOUNT = 10**15  # micro-dollars; a larger amount is damage
_MAX_ATTEMPTS = 100  # to append an entry before another process does


class LedgerDamaged(StoreUnavailable):
    """The ledger holds something that no entry can be, so what was spent is unknown."""


@dataclass(frozen=True)
class Entry:
    """The state of a reservation: amounts in micro-dollars, the end of its lease in epoch seconds.

    `in_flight` is the most that requests without a complete response may be charged for. `booked` was charged.
    """

    kind: str
    reservation: str
    version: int
    reserved: int
    booked: int
    in_flight: int
    leased_until: int

    @property
    def spent(self) -> int:
        """What was charged, or may have been."""
        return self.booked + self.in_flight

    def committed(self, now: float) -> int:
        """Return what nobody else may spend: the whole reservation while its lease lasts, then what was spent."""
        return max(self.reserved, self.spent) if self.leased_until > now else self.spent

    def serialize(self) -> bytes:
        """Return the entry as a line of JSON."""
        return json.dumps(asdict(self)).encode()


@dataclass(frozen=True)
class Balance:
    """What was spent of a day, or may have been, and what running reads have reserved beyond that, in micro-dollars."""

    spent: int
    reserved: int

    def left(self, limit: int) -> int:
        """Return what may still be reserved of `limit`."""
        return max(0, limit - self.spent - self.reserved)


def parse_entry(data: bytes) -> Entry:
    """Return the entry that `serialize` wrote. Raises LedgerDamaged for anything else, such as a negative amount."""
    try:
        entry = Entry(**json.loads(data))
    except (ValueError, TypeError, RecursionError):
        raise LedgerDamaged from None
    amounts = [entry.version, entry.reserved, entry.booked, entry.in_flight, entry.leased_until]
    if entry.kind not in ENTRY_KINDS or not isinstance(entry.reservation, str):
        raise LedgerDamaged
    if any(type(amount) is not int or not 0 <= amount <= _MAX_AMOUNT for amount in amounts):
        raise LedgerDamaged
    return entry


@dataclass
class _Day:
    """What this process knows of a day: the newest entry of each reservation, and what of it the store has."""

    entries: dict[str, Entry] = field(default_factory=dict)
    stored_versions: dict[str, int] = field(default_factory=dict)
    length: int = 0
    last: bytes = b""

    def replay(self, stored: list[bytes]) -> None:
        """Take over entries of the store that follow those replayed before."""
        for entry in [parse_entry(data) for data in stored]:
            self.remember(entry)
            self.stored_versions[entry.reservation] = max(entry.version, self.stored_versions.get(entry.reservation, 0))
        self.length, self.last = self.length + len(stored), stored[-1] if stored else self.last

    def remember(self, entry: Entry) -> None:
        """Keep the newer of two entries of a reservation."""
        known = self.entries.get(entry.reservation)
        if known is None or entry.version > known.version:
            self.entries[entry.reservation] = entry

    def missing_entries(self) -> list[Entry]:
        """Return the entries that the store doesn't have, or has lost."""
        return [entry for name, entry in self.entries.items() if entry.version > self.stored_versions.get(name, 0)]

    def balance(self, now: float, without: str = "") -> Balance:
        """Return the sums of all reservations, or of all except one."""
        entries = [entry for name, entry in self.entries.items() if name != without]
        spent = sum(entry.spent for entry in entries)
        return Balance(spent, sum(entry.committed(now) for entry in entries) - spent)


class Ledger:
    """The ledgers of all days in a store. Methods may be called from any thread and raise StoreUnavailable if a day can't be read."""

    def __init__(self, store: DurableStore) -> None:
        self._store, self._days, self._guard = store, dict[str, _Day](), threading.Lock()

    def balance(self, day: str, now: float) -> Balance:
        """Return what was spent and what is reserved on a day."""
        with self._guard:
            return self._read_day(day).balance(now)

    def committed(self, day: str, now: float) -> int:
        """Return what was spent or reserved on a day, in micro-dollars."""
        balance = self.balance(day, now)
        return balance.spent + balance.reserved

    def append_within(self, day: str, entry: Entry, limit: int, now: float) -> Balance | None:
        """Append an entry unless it commits more than `limit` on its day. Return None, or the others' balance if it wasn't appended."""
        with self._guard:
            for _ in range(_MAX_ATTEMPTS):
                state = self._read_day(day)
                known = state.entries.get(entry.reservation)
                others = state.balance(now, without=entry.reservation)
                addition = entry.committed(now) - (known.committed(now) if known else 0)
                if addition > 0 and others.spent + others.reserved + entry.committed(now) > limit:
                    return others
                if self._store.append_entry(day, entry.serialize(), state.length):
                    state.remember(entry)
                    if state.length == 0:
                        self._store.delete_entries_before(_days_before(day, LEDGER_RETENTION_DAYS))
                    return None
            raise StoreUnavailable

    def append(self, day: str, entry: Entry) -> None:
        """Append an entry that commits no more than before. If the store fails, it's appended with the next one that is read or written."""
        with self._guard:
            self._find_day(day).remember(entry)
            self._store.append_entry(day, entry.serialize())

    def book_shortfall(self, day: str, charged: int) -> int:
        """Book what a network says it charged at least, beyond what was spent on a day. Return what that adds, in micro-dollars.

        All processes share the entry. Its version is its amount, so the largest shortfall wins, and booking it again adds nothing.
        """
        with self._guard:
            state, name = self._read_day(day), f"reconcile:{day}"
            known = state.entries[name].booked if name in state.entries else 0
            spent = sum(entry.spent for entry in state.entries.values()) - known
            shortfall = min(charged - spent, _MAX_AMOUNT)
            if shortfall <= known:
                return 0
            entry = Entry("reconcile", name, shortfall, reserved=0, booked=shortfall, in_flight=0, leased_until=0)
            state.remember(entry)
            self._store.append_entry(day, entry.serialize())
            return shortfall - known

    def _read_day(self, day: str) -> _Day:
        """Return a day with all entries of the store, after appending those that the store lacks."""
        state = self._find_day(day)
        stored = self._store.read_entries(day, max(0, state.length - 1))
        if state.length and stored[:1] != [state.last]:  # the store was flushed, or restored from a backup
            state.length, state.last, state.stored_versions = 0, b"", {}
            stored = self._store.read_entries(day, 0)
        state.replay(stored[1:] if state.length else stored)
        for entry in state.missing_entries():
            self._store.append_entry(day, replace(entry, kind="restore").serialize())
            state.stored_versions[entry.reservation] = entry.version
        return state

    def _find_day(self, day: str) -> _Day:
        """Return what is known of a day, and forget all days before yesterday."""
        if day not in self._days:
            self._days = {name: known for name, known in self._days.items() if name >= _days_before(day, 1)} | {day: _Day()}
        return self._days[day]


def _days_before(day: str, count: int) -> str:
    return (date.fromisoformat(day) - timedelta(days=count)).isoformat()
