"""Which posts of a question are meant, and in what order: parsed together with the question from one query string, and written back.

A frozen value like the question itself; what it picks, `behind` does.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, ValidationInfo, field_validator

from dashboard.core import accounts
from dashboard.core.accounts import Account
from dashboard.core.errors import InvalidQuery
from dashboard.core.query import CAP, MOST_ACCOUNTS, Query, one_of, short, whole

PER_PAGE = 50
MOST_PAGES = CAP * MOST_ACCOUNTS // PER_PAGE
LONGEST_WORD, LONGEST_ID = 100, 300  # characters
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

Polarity = Literal["positive", "negative", "neutral"]
Language = Literal["english", "other"]
Sort = Literal["newest", "oldest", "positive", "negative", "reactions", "disagreement"]


def _account(text: str) -> Account:
    try:
        return accounts.parse(text)
    except accounts.UnreadableAccount as problem:
        raise ValueError(str(problem)) from None


def _moment(text: str) -> date | datetime:
    """Read a date of the view's zone, or a time with its offset; a plus that an address turned into a blank is one."""
    written = text.strip().replace(" ", "+")
    try:
        read = date.fromisoformat(written) if re.fullmatch(r"[0-9-]{8,10}", written) else datetime.fromisoformat(written)
    except ValueError:
        raise ValueError(
            f"Write a date such as 2026-03-31, or a time such as 2026-03-31T14:00:00+00:00. “{short(text)}” is neither."
        ) from None
    if isinstance(read, datetime) and read.tzinfo is None:
        raise ValueError(f"Write the time with its offset, such as 2026-03-31T14:00:00+00:00. “{short(text)}” has none.")
    if not 2006 <= read.year <= 2100:
        raise ValueError(f"Give a date between 2006 and 2100; {short(text)} is outside.")
    return read


def _bounded(longest: int, what: str) -> BeforeValidator:
    def read(text: str) -> str:
        written = text.strip()
        if len(written) > longest:
            raise ValueError(f"{what} has at most {longest} characters. “{short(written)}” has {len(written):,}.")
        return written

    return BeforeValidator(read)


class Selection(BaseModel):
    """Which posts, and how they are shown. None is no restriction; a span from `start` to `end` is half-open."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    account: Annotated[Account | None, BeforeValidator(_account)] = None
    start: Annotated[date | datetime | None, BeforeValidator(_moment)] = Field(None, alias="from")
    end: Annotated[date | datetime | None, BeforeValidator(_moment)] = Field(None, alias="to")
    word: Annotated[str | None, _bounded(LONGEST_WORD, "A word")] = None
    weekday: Annotated[int | None, whole(1, 7, "The weekday, Monday being 1,")] = None
    hour: Annotated[int | None, whole(0, 23, "The hour")] = None
    id: Annotated[str | None, _bounded(LONGEST_ID, "The id of a post")] = None
    polarity: Annotated[Polarity | None, BeforeValidator(one_of(Polarity, "How posts sound"))] = None
    language: Annotated[Language | None, BeforeValidator(one_of(Language, "The language"))] = None
    sort: Annotated[Sort, BeforeValidator(one_of(Sort, "The order"))] = "newest"
    page: Annotated[int, whole(1, MOST_PAGES, "The page")] = 1

    @field_validator("end")
    @classmethod
    def _after_start(cls, end: date | datetime | None, info: ValidationInfo) -> date | datetime | None:
        start = info.data.get("start")
        if start and end and isinstance(start, datetime) is isinstance(end, datetime) and end <= start:
            raise ValueError(f"The end must come after the start: {start.isoformat()} to {end.isoformat()} holds no time.")
        return end

    def to_args(self) -> list[tuple[str, str]]:
        """Return names and values of the canonical query string: defaults dropped."""
        given = ((name, getattr(self, field)) for name, field in _FIELDS.items() if getattr(self, field) != _DEFAULTS[field])
        return [(name, _text(value)) for name, value in given]

    def to_json(self) -> dict[str, Any]:
        """Return what picks and orders the posts as plain JSON values; a page is a matter of looking at them."""
        return {name: _plain(getattr(self, field)) for name, field in _FIELDS.items() if name != "page"}

    def on(self, **changed: Any) -> "Selection":
        """Return the same posts with another order or page; another order begins on the first page."""
        return self.model_copy(update={"page": 1} | changed)

    def describe(self, query: Query) -> str:
        """Return what is picked in words that follow “posts”: ` of @nasa on 3 March 2026 that hold “good”`."""
        return "".join(part for part in (self._whose(query), self._when(query), self._which(query)) if part)

    def _whose(self, query: Query) -> str:
        names = [self.account.label] if self.account else [user.label for user in query.users]
        more = f", {names[1]} and {len(names) - 2} more" if len(names) > 3 else ""
        return f" of {names[0]}{more}" if more else f" of {' and '.join(filter(None, [', '.join(names[:-1]), names[-1]]))}"

    def _when(self, query: Query) -> str:
        days = f" on {WEEKDAYS[self.weekday - 1]}s" if self.weekday else ""
        clock = f" between {self.hour:02}:00 and {(self.hour + 1) % 24:02}:00" if self.hour is not None else ""
        return _span(self.start, self.end, query) + days + clock

    def _which(self, query: Query) -> str:
        parts = [f"hold “{short(self.word or '')}”"] * bool(self.word)
        parts += [f"sound {self.polarity}"] * bool(self.polarity)
        tongue = {"english": ", other languages left out", "other": ", in other languages than English"}.get(self.language or "", "")
        return f" that {' and '.join(parts)}" * bool(parts) + tongue


_FIELDS = {model.alias or name: name for name, model in Selection.model_fields.items()}
_DEFAULTS = {name: model.default for name, model in Selection.model_fields.items()}
NAMES = tuple(_FIELDS)  # as they are written in an address


def parse(args: Mapping[str, Sequence[str]]) -> tuple[Query, Selection]:
    """Read a question and a selection from one query string; looks of images are dropped. Raises InvalidQuery with every problem."""
    theirs = {name: values for name, values in args.items() if name in _FIELDS}
    problems, query, selection = list[tuple[str, str]](), None, None
    try:
        query = Query.parse({name: values for name, values in args.items() if name not in _FIELDS}).data_only()
    except InvalidQuery as error:
        problems += error.problems
    try:
        selection = _selection(theirs)
    except InvalidQuery as error:
        problems += error.problems
    if query and selection and selection.account and not any(_is_of(selection.account, user) for user in query.users):
        problems.append(("account", f"{selection.account.label} is none of the accounts asked for."))
    if problems or query is None or selection is None:
        raise InvalidQuery(problems)
    return query, selection


def _selection(args: Mapping[str, Sequence[str]]) -> Selection:
    given, problems = {}, list[tuple[str, str]]()
    for name, values in args.items():
        filled = [value for value in values if value.strip()]
        if len(filled) > 1:
            problems.append((name, f"“{name}” is given {len(filled)} times; give it once."))
        elif filled:
            given[name] = filled[0]
    try:
        selection = Selection.model_validate(given)
    except ValidationError as error:
        problems += [(str(each["loc"][0]), str(each.get("ctx", {}).get("error", each["msg"]))) for each in error.errors()]
    if problems:
        raise InvalidQuery(problems)
    return selection


def _is_of(account: Account, user: Account) -> bool:
    """Say whether an account is one that was asked for, or one of a file that was."""
    return account == user or (account.network == user.network == "file" and account.name.startswith(f"{user.name}/"))


def _span(start: date | datetime | None, end: date | datetime | None, query: Query) -> str:
    if start and end and not isinstance(start, datetime) and not isinstance(end, datetime):
        return f" on {_day(start)}" if end - start == timedelta(days=1) else f" from {_day(start)} to {_day(end - timedelta(days=1))}"
    if isinstance(start, datetime) and isinstance(end, datetime) and _at(start, query)[:-6] == _at(end - timedelta(hours=1), query)[:-6]:
        return f" in the hour from {_at(start, query)}"
    return f" from {_at(start, query)}" * bool(start) + f" until before {_at(end, query)}" * bool(end)


def _at(moment: date | datetime | None, query: Query) -> str:
    if not isinstance(moment, datetime):
        return _day(moment) if moment else ""
    local = moment.astimezone(UTC).astimezone(query.zone)
    return f"{local:%H:%M} on {_day(local)}"


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def _text(value: Any) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, int) else _text(value)
