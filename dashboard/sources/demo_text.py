"""How a demo post is worded: decks of lines with slots, drawn like cards and filled in until no slot is left.

A line is used once before its deck is shuffled again, so a timeline does not repeat itself. Nothing here knows when
or why somebody posts, and no phrase is written here: those are data.
"""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

TRIES = 8  # texts drawn until one is new; after that a repeat is let through

_SLOT = re.compile(r"\{([^{}]+)\}")

Slots = Mapping[str, list[str]]


@dataclass(frozen=True)
class Deck:
    """Lines of one kind and language, and when they fit: months, weekdays (Monday is 0), hours, and from `after` until `before`.

    `ordered` lines tell a story: they come in the order written.
    """

    kind: str
    weight: float
    lines: list[str]
    lang: str = "en"
    months: list[int] = field(default_factory=lambda: list(range(1, 13)))
    weekdays: list[int] = field(default_factory=lambda: list(range(7)))
    hours: list[int] = field(default_factory=lambda: list(range(24)))
    ordered: bool = False
    after: datetime | None = None
    before: datetime | None = None

    def fits(self, moment: datetime) -> bool:
        """Say whether these lines make sense then."""
        if moment.hour not in self.hours or moment.weekday() not in self.weekdays or moment.month not in self.months:
            return False
        return (self.after is None or moment >= self.after) and (self.before is None or moment < self.before)


class Writer:
    """Writes one organisation's posts in order of time; `staged` names the decks that only an event brings out."""

    def __init__(
        self, decks: Mapping[str, Deck], staged: Collection[str], slots: Slots, calendar: Slots, chance: Callable[[], float]
    ) -> None:
        self._decks, self._slots, self._calendar, self._chance = decks, slots, calendar, chance
        self._everyday = [name for name in decks if name not in staged]
        self._hands: dict[str, list[str]] = {name: [] for name in decks}
        self._written: set[str] = set()

    def write(self, moment: datetime, names: list[str] | None, slots: Slots) -> tuple[Deck, str]:
        """Return a deck that fits the moment, of `names` or else of the everyday ones, and a text that was not written yet."""
        name = self._choose([one for one in names or self._everyday if self._decks[one].fits(moment)] or self._everyday[:1])
        words = {**self._slots, **slots}
        for _ in range(TRIES):
            text = self._fill(self._draw(name), words, moment)
            if text not in self._written:
                break
        self._written.add(text)
        return self._decks[name], text

    def _choose(self, names: list[str]) -> str:
        """Return one of the decks by weight."""
        total = 0.0
        for name in names:
            total += self._decks[name].weight
        left = self._chance() * total
        for name in names:
            left -= self._decks[name].weight
            if left < 0:
                return name
        return names[-1]

    def _draw(self, name: str) -> str:
        """Take a line from the hand, a fresh one when it is empty."""
        deck = self._decks[name]
        hand = self._hands[name] = self._hands[name] or list(deck.lines)
        return hand.pop(0 if deck.ordered else self._index(len(hand)))

    def _fill(self, line: str, words: dict[str, list[str]], moment: datetime) -> str:
        """Replace every slot: `{word}`, `{Word}` with a capital, `{2-9}` a number. A word is not used twice in a post."""
        used: set[str] = set()
        while "{" in line:
            line = _SLOT.sub(lambda match: self._value(match[1], words, used, moment), line)
        return line

    def _value(self, slot: str, words: dict[str, list[str]], used: set[str], moment: datetime) -> str:
        lowest, dash, highest = slot.partition("-")
        if dash and lowest.isdigit():
            number = int(lowest) + self._index(int(highest) - int(lowest) + 1)
            return f"{number:,}" if number > 9999 else str(number).zfill(len(lowest))
        name = slot[0].lower() + slot[1:]
        if name not in words:
            words.update(self._today(moment))  # only now: few posts speak of days
        choices = words[name]
        free = [choice for choice in choices if choice not in used] or choices
        value = free[self._index(len(free))]
        used.add(value)
        return value if slot[0].islower() else value[0].upper() + value[1:]

    def _today(self, moment: datetime) -> dict[str, list[str]]:
        """Return the words that depend on the moment: `soon` is two to five days ahead, `later` one to three hours, `earlier` before."""
        soon = moment + timedelta(days=2 + self._index(4))
        words = {"minute": [str(_minute(moment))], "month": [self._calendar["months"][moment.month - 1]]}
        days = {"today": moment, "yesterday": moment - timedelta(days=1), "tomorrow": moment + timedelta(days=1), "soon": soon}
        days |= {"workday": _workday(soon), "nextday": _workday(days["tomorrow"])}
        words |= {slot: [self._calendar["weekdays"][day.weekday()]] for slot, day in days.items()}
        words |= {f"{slot}_date": [self._date(days[slot], "weekdays", "months")] for slot in ("soon", "workday")}
        words["ouvrable"] = [self._calendar["jours"][days["workday"].weekday()]]
        words["ouvrable_date"] = [self._date(days["workday"], "jours", "mois").replace(" 1 ", " 1er ")]
        hours = {"later": 70 + self._index(120), "earlier": -20 - self._index(90)}
        return words | {slot: [f"{moment + timedelta(minutes=minutes):%H:%M}"] for slot, minutes in hours.items()}

    def _date(self, day: datetime, weekdays: str, months: str) -> str:
        return f"{self._calendar[weekdays][day.weekday()]} {day.day} {self._calendar[months][day.month - 1]}"

    def _index(self, count: int) -> int:
        return int(self._chance() * count)


def _workday(day: datetime) -> datetime:
    """Return the day, or the Monday after it if it falls on a weekend."""
    return day + timedelta(days=max(0, 7 - day.weekday())) if day.weekday() > 4 else day


def _minute(moment: datetime) -> int:
    """Return the minute of a match that kicked off at three, with its quarter of an hour's rest."""
    played = (moment.hour - 15) * 60 + moment.minute
    return max(1, played) if played <= 46 else min(90, max(46, played - 16))
