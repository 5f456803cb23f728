"""Writes the text of demo posts: lines with slots are drawn from decks like cards, then their slots are filled in.

Every line of a deck is used once before any is repeated, so timelines rarely repeat themselves. Dates stay open until `write_dates`,
because the demo year moves with the clock. When and why an organisation posts is decided in `demo_world.py`. The phrases themselves are
data in demo_phrases/.
"""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

MAX_ATTEMPTS = 8  # texts to draw in search of a new one; after that, a repeat is accepted

_SLOT_PATTERN = re.compile(r"\{([^{}]+)\}")
_OPEN_DATE_PATTERN = re.compile(r"<(\w*):(\w+):(\d{4}-\d\d-\d\d)>")  # keys of weekdays (or nothing) and of months, and the day

Slots = Mapping[str, list[str]]


@dataclass(frozen=True)
class PhraseDeck:
    """Lines of one kind and language, and when they may be used: months, weekdays (Monday is 0), hours, and from `after` until `before`.

    `ordered` lines tell a story, so they are used in the order written.
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

    def is_usable_at(self, timestamp: datetime) -> bool:
        """Return whether these lines may be used at this time."""
        if timestamp.hour not in self.hours or timestamp.weekday() not in self.weekdays or timestamp.month not in self.months:
            return False
        return (self.after is None or timestamp >= self.after) and (self.before is None or timestamp < self.before)


class PostWriter:
    """Writes one organisation's posts in chronological order. `event_decks` are the names of decks that are used only during events."""

    def __init__(
        self,
        decks: Mapping[str, PhraseDeck],
        event_decks: Collection[str],
        slots: Slots,
        calendar: Slots,
        random_float: Callable[[], float],
    ) -> None:
        self._decks, self._slots, self._calendar, self._random_float = decks, slots, calendar, random_float
        self._everyday_decks = [name for name in decks if name not in event_decks]
        self._remaining_lines: dict[str, list[str]] = {name: [] for name in decks}
        self._used_texts: set[str] = set()

    def write_post(self, timestamp: datetime, deck_names: list[str] | None, slots: Slots) -> tuple[PhraseDeck, str]:
        """Return a deck that is usable at this time and a text from it with open dates, if possible one that was not used before.

        Without `deck_names`, the deck is one of the everyday decks.
        """
        usable_decks = [deck for deck in deck_names or self._everyday_decks if self._decks[deck].is_usable_at(timestamp)]
        name = self._choose_deck(usable_decks or self._everyday_decks[:1])
        words_by_slot = {**self._slots, **slots}
        for _ in range(MAX_ATTEMPTS):
            text = self._fill_slots(self._draw_line(name), words_by_slot, timestamp)
            if (dated_text := write_dates(text, self._calendar)) not in self._used_texts:
                break
        self._used_texts.add(dated_text)
        return self._decks[name], text

    def _choose_deck(self, deck_names: list[str]) -> str:
        """Return a random deck's name, with probabilities proportional to the decks' weights."""
        total = 0.0
        for name in deck_names:
            total += self._decks[name].weight
        remaining_weight = self._random_float() * total
        for name in deck_names:
            remaining_weight -= self._decks[name].weight
            if remaining_weight < 0:
                return name
        return deck_names[-1]

    def _draw_line(self, deck_name: str) -> str:
        """Take one of a deck's remaining lines, and start over when none remain."""
        deck = self._decks[deck_name]
        remaining_lines = self._remaining_lines[deck_name] = self._remaining_lines[deck_name] or list(deck.lines)
        return remaining_lines.pop(0 if deck.ordered else self._random_index(len(remaining_lines)))

    def _fill_slots(self, line: str, words_by_slot: dict[str, list[str]], timestamp: datetime) -> str:
        """Replace every slot: `{word}`, `{Word}` capitalised, and `{2-9}` with a number. If possible, no word is repeated."""
        used_words: set[str] = set()
        while "{" in line:
            line = _SLOT_PATTERN.sub(lambda match: self._choose_slot_value(match[1], words_by_slot, used_words, timestamp), line)
        return line

    def _choose_slot_value(self, slot: str, words_by_slot: dict[str, list[str]], used_words: set[str], timestamp: datetime) -> str:
        lowest, dash, highest = slot.partition("-")
        if dash and lowest.isdigit():
            number = int(lowest) + self._random_index(int(highest) - int(lowest) + 1)
            return f"{number:,}" if number > 9999 else str(number).zfill(len(lowest))
        name = slot[0].lower() + slot[1:]
        if name not in words_by_slot:
            words_by_slot.update(self._build_date_words(timestamp))  # built on demand, because few posts mention days
        choices = words_by_slot[name]
        unused_choices = [choice for choice in choices if choice not in used_words] or choices
        value = unused_choices[self._random_index(len(unused_choices))]
        used_words.add(value)
        return value if slot[0].islower() else value[0].upper() + value[1:]

    def _build_date_words(self, timestamp: datetime) -> dict[str, list[str]]:
        """Return the words that depend on the time of the post, by slot.

        `soon` is two to five days ahead, `later` one to three hours ahead, and `earlier` up to two hours ago.
        """
        soon = timestamp + timedelta(days=2 + self._random_index(4))
        words = {"minute": [str(_match_minute(timestamp))], "month": [_open_date(timestamp, "", "months")]}
        days = {"today": timestamp, "yesterday": timestamp - timedelta(days=1), "tomorrow": timestamp + timedelta(days=1), "soon": soon}
        days |= {"workday": _next_workday(soon), "nextday": _next_workday(days["tomorrow"])}
        words |= {slot: [self._calendar["weekdays"][day.weekday()]] for slot, day in days.items()}
        words |= {f"{slot}_date": [_open_date(days[slot], "weekdays", "months")] for slot in ("soon", "workday")}
        words["ouvrable"] = [self._calendar["jours"][days["workday"].weekday()]]
        words["ouvrable_date"] = [_open_date(days["workday"], "jours", "mois")]
        hours = {"later": 70 + self._random_index(120), "earlier": -20 - self._random_index(90)}
        return words | {slot: [f"{timestamp + timedelta(minutes=minutes):%H:%M}"] for slot, minutes in hours.items()}

    def _random_index(self, count: int) -> int:
        return int(self._random_float() * count)


def write_dates(text: str, calendar: Slots, shift: timedelta = timedelta(0)) -> str:
    """Return a text with its open dates written out, each later by `shift`: a weekday, a day and a month, or a month alone."""

    def write(match: re.Match[str]) -> str:
        weekdays_key, months_key, day = match[1], match[2], datetime.fromisoformat(match[3]) + shift
        month = calendar[months_key][day.month - 1]
        number = "1er" if day.day == 1 and months_key == "mois" else day.day
        return f"{calendar[weekdays_key][day.weekday()]} {number} {month}" if weekdays_key else month

    return _OPEN_DATE_PATTERN.sub(write, text)


def _open_date(day: datetime, weekdays_key: str, months_key: str) -> str:
    return f"<{weekdays_key}:{months_key}:{day:%Y-%m-%d}>"


def _next_workday(day: datetime) -> datetime:
    """Return the day, or the Monday after it if it falls on a weekend."""
    return day + timedelta(days=max(0, 7 - day.weekday())) if day.weekday() > 4 else day


def _match_minute(timestamp: datetime) -> int:
    """Return the minute of play in a match that started at 15:00, with a half-time break of 15 minutes."""
    minutes_since_kickoff = (timestamp.hour - 15) * 60 + timestamp.minute
    return max(1, minutes_since_kickoff) if minutes_since_kickoff <= 46 else min(90, max(46, minutes_since_kickoff - 16))
