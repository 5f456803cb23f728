"""Decides from a whole column whether the day or the month comes first in dates such as 04/05/2026.

Evidence, strongest first: a number that can't be a month, or a date in the future; a weekday or another time of the same row; the order of
the rows. Without any, nobody is asked to trust a guess: the order stays unknown.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta

from dashboard.sources.files.times.grammar import DOTTED_ORDERS, WrittenTime
from dashboard.sources.files.times.numeric_times import build_date

ORDERS = ("dmy", "mdy", "ymd")
MIN_SORTED_DATES = 6  # different dates: fewer are in order by chance too often
_MIN_VOTES = 2  # rows whose weekday or other time agrees with one order only


@dataclass
class DateOrder:
    """The evidence of one column, and the order that follows from it.

    `chosen` is what a person chose, and `usual` the order that the tool which wrote the file uses for most people.
    """

    latest_day: date
    chosen: str | None = None
    usual: str | None = None
    examples: list[str] = field(default_factory=list)  # the first dates that could mean two days
    _orders_by_row: Counter[tuple[str, ...]] = field(default_factory=Counter)
    _votes: Counter[str] = field(default_factory=Counter)
    _dotted_orders_by_row: Counter[tuple[str, ...]] = field(default_factory=Counter)
    _sorted: dict[str, "_SortedDates"] = field(default_factory=lambda: {order: _SortedDates() for order in ORDERS})

    def add(self, written: WrittenTime, text: str, reference: date | None = None) -> None:
        """Add a date to the evidence; `reference` is the day of another time in its row."""
        days = self._list_days(written)
        if not days or len(written.orders) == 1:
            return
        (self._dotted_orders_by_row if written.orders == DOTTED_ORDERS else self._orders_by_row)[tuple(days)] += 1
        if len(set(days.values())) > 1 and len(self.examples) < 3:
            self.examples.append(text)
        supported = [order for order, day in days.items() if _is_supported(day, written.weekday, reference)]
        if len({days[order] for order in supported}) == 1 and len(set(days.values())) > 1:
            self._votes.update(supported)
        for order, day in days.items():
            self._sorted[order].add(day)

    @property
    def is_needed(self) -> bool:
        """Whether any date could mean two different days."""
        return bool(self.examples)

    @property
    def is_contradictory(self) -> bool:
        """Whether no order makes all dates possible."""
        return bool(self._orders_by_row or self._dotted_orders_by_row) and not self._possible_orders()

    def decide(self) -> str | None:
        """Return the order, or None if it is unknown."""
        possible = self._possible_orders()
        if self.chosen in ORDERS:
            return self.chosen
        if len(possible) <= 1:
            return possible[0] if possible else None
        voted = [order for order in possible if self._votes[order] >= _MIN_VOTES]
        if len(voted) == 1 and sum(self._votes[order] for order in possible) == self._votes[voted[0]]:
            return voted[0]
        in_order = [order for order in possible if self._sorted[order].is_sorted]
        if len(in_order) == 1 and self._sorted[in_order[0]].count >= MIN_SORTED_DATES:
            return in_order[0]
        usual = self.usual or (None if self._orders_by_row else "dmy")  # as nearly everybody writes dates with dots
        return possible[0] if not self.is_needed else usual if usual in possible else None

    def _possible_orders(self) -> list[str]:
        """Return the orders in which all dates are possible; beside dates with slashes or hyphens, those with dots decide nothing."""
        written = self._orders_by_row or self._dotted_orders_by_row
        return [order for order in ORDERS if all(order in orders for orders in written)] if written else []

    def _list_days(self, written: WrittenTime) -> dict[str, date]:
        """Return the days that a date could mean, by order; only those up to `latest_day`."""
        days = ((order, build_date(written.numbers, order)) for order in written.orders)
        return {order: day for order, day in days if day and day.year >= 2006 and day <= self.latest_day}


@dataclass
class _SortedDates:
    """Whether dates ascend or descend."""

    count: int = 0  # changes of the date, and the first one
    _ascending: bool = True
    _descending: bool = True
    _previous: date | None = None

    def add(self, day: date) -> None:
        """Add the next date."""
        if self._previous is not None and day != self._previous:
            self._ascending, self._descending = self._ascending and day > self._previous, self._descending and day < self._previous
        self.count += day != self._previous
        self._previous = day

    @property
    def is_sorted(self) -> bool:
        return self._ascending or self._descending


def _is_supported(day: date, weekday: int | None, reference: date | None) -> bool:
    if weekday is not None:
        return day.weekday() == weekday
    return reference is not None and abs(day - reference) <= timedelta(days=2)
