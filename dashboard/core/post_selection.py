"""Which posts of a question to show, and in what order: parsed with the question from one query string, and written back.

A frozen value like the question itself; `reports.post_filter` applies it.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from types import MappingProxyType
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, ValidationInfo, field_validator

from dashboard.core import accounts
from dashboard.core.accounts import Account
from dashboard.core.clock import Clock, system_clock
from dashboard.core.errors import InvalidQuery
from dashboard.core.formatting.dates import format_every_weekday, format_hours
from dashboard.core.formatting.numbers import format_number
from dashboard.core.formatting.texts import excerpt, format_list
from dashboard.core.messages import gettext, translatable
from dashboard.core.query import Query
from dashboard.core.query_values import MAX_ACCOUNTS, MAX_POSTS_PER_ACCOUNT, choice_parser, integer_validator
from dashboard.core.span_bounds import describe_span, parse_date_or_time, to_moment

POSTS_PER_PAGE = 50
MAX_PAGES = MAX_POSTS_PER_ACCOUNT * MAX_ACCOUNTS // POSTS_PER_PAGE
MAX_WORD_CHARACTERS, MAX_ID_CHARACTERS = 100, 300
Polarity = Literal["positive", "negative", "neutral"]
Language = Literal["english", "other", "read"]  # `read`: in a language that the method reads
Sort = Literal["newest", "oldest", "positive", "negative", "reactions", "disagreement"]
_LANGUAGE_LIMITS = {
    "english": translatable("(English only)"),
    "other": translatable("(not in English)"),
    "read": translatable("(in languages that are read)"),
}
_HEADINGS = {
    "": translatable("Posts by %(accounts)s"),
    "positive": translatable("Positive posts by %(accounts)s"),
    "neutral": translatable("Neutral posts by %(accounts)s"),
    "negative": translatable("Negative posts by %(accounts)s"),
}


def _parse_account(text: str) -> Account:
    try:
        return accounts.parse_account(text)
    except accounts.InvalidAccount as problem:
        raise ValueError(str(problem)) from None


def _text_validator(max_characters: int, subject: str) -> BeforeValidator:
    def read(text: str) -> str:
        written = text.strip()
        if len(written) > max_characters:
            values = {"subject": gettext(subject), "limit": max_characters, "text": excerpt(written), "count": format_number(len(written))}
            raise ValueError(gettext("%(subject)s has at most %(limit)s characters. “%(text)s” has %(count)s.", **values))
        return written

    return BeforeValidator(read)


class PostSelection(BaseModel):
    """The posts to select, and how to show them. None means no restriction; a span from `start` to `end` is half-open."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True, defer_build=True)

    account: Annotated[Account | None, BeforeValidator(_parse_account)] = None
    start: Annotated[date | datetime | None, BeforeValidator(parse_date_or_time)] = Field(None, alias="from")
    end: Annotated[date | datetime | None, BeforeValidator(parse_date_or_time)] = Field(None, alias="to")
    word: Annotated[str | None, _text_validator(MAX_WORD_CHARACTERS, translatable("A word"))] = None
    weekday: Annotated[int | None, integer_validator(1, 7, translatable("The weekday (1 is Monday)"))] = None
    hour: Annotated[int | None, integer_validator(0, 23, translatable("The hour"))] = None
    id: Annotated[str | None, _text_validator(MAX_ID_CHARACTERS, translatable("The id of a post"))] = None
    polarity: Annotated[Polarity | None, BeforeValidator(choice_parser(Polarity, translatable("The sentiment")))] = None
    language: Annotated[Language | None, BeforeValidator(choice_parser(Language, translatable("The language")))] = None
    sort: Annotated[Sort, BeforeValidator(choice_parser(Sort, translatable("The order")))] = "newest"
    page: Annotated[int, integer_validator(1, MAX_PAGES, translatable("The page"))] = 1

    @field_validator("end")
    @classmethod
    def _validate_end(cls, end: date | datetime | None, info: ValidationInfo) -> date | datetime | None:
        start = info.data.get("start")
        if start and end and isinstance(start, datetime) is isinstance(end, datetime) and end <= start:
            problem = translatable("The end must come after the start: %(start)s to %(end)s is empty.")
            raise ValueError(gettext(problem, start=start.isoformat(), end=end.isoformat()))
        return end

    def to_args(self) -> list[tuple[str, str]]:
        """Return names and values of the canonical query string: defaults dropped."""
        changed = (
            (name, getattr(self, field)) for name, field in _FIELD_BY_PARAMETER.items() if getattr(self, field) != _FIELD_DEFAULTS[field]
        )
        return [(name, _to_query_text(value)) for name, value in changed]

    def to_json(self) -> dict[str, Any]:
        """Return what selects and orders the posts as plain JSON values, without the page number."""
        return {name: _to_json_value(getattr(self, field)) for name, field in _FIELD_BY_PARAMETER.items() if name != "page"}

    def with_changes(self, **changes: Any) -> "PostSelection":
        """Return the same posts with another order or page; another order begins on the first page."""
        return self.model_copy(update={"page": 1} | changes)

    def narrow_span(self, since: datetime | None, until: datetime | None, query: Query) -> tuple[datetime | None, datetime | None]:
        """Return the span of the selected posts within another one; None where open. Days are those of the query's zone."""
        start, end = (to_moment(bound, query) for bound in (self.start, self.end))
        return max(filter(None, [since, start]), default=None), min(filter(None, [until, end]), default=None)

    def describe(self, query: Query, labels: Mapping[str, str]) -> str:
        """Return a heading for the selected posts: `Negative posts by NASA on 3 March 2026 containing “good”`.

        `labels` has those of all accounts by their canonical names.
        """
        return self._describe_accounts(labels) + "".join(f" {text}" for text, _ in self.describe_limits(query))

    def describe_limits(self, query: Query) -> list[tuple[str, tuple[str, ...]]]:
        """Return each limit of time, word and language in words, such as `on Fridays`, and the fields that it is made of."""
        begin, end = format_hours(self.hour or 0)
        clock = gettext("between %(begin)s and %(end)s", begin=begin, end=end) if self.hour is not None else ""
        limits = [
            (describe_span(self.start, self.end, query), ("start", "end")),
            (format_every_weekday(self.weekday) if self.weekday else "", ("weekday",)),
            (clock, ("hour",)),
            (gettext("containing “%(word)s”", word=excerpt(self.word)) if self.word else "", ("word",)),
            (gettext(_LANGUAGE_LIMITS[self.language]) if self.language else "", ("language",)),
        ]
        return [(text, fields) for text, fields in limits if text]

    def _describe_accounts(self, labels: Mapping[str, str]) -> str:
        names = [labels.get(str(self.account), self.account.label)] if self.account else list(labels.values())
        return gettext(_HEADINGS[self.polarity or ""], accounts=format_list(names, 3))


_FIELD_BY_PARAMETER = {model.alias or name: name for name, model in PostSelection.model_fields.items()}
_FIELD_DEFAULTS = {name: model.default for name, model in PostSelection.model_fields.items()}
PARAMETER_NAMES = tuple(_FIELD_BY_PARAMETER)  # as written in URLs


def parse_query_and_selection(
    args: Mapping[str, Sequence[str]], clock: Clock = system_clock, defaults: Mapping[str, str] = MappingProxyType({})
) -> tuple[Query, PostSelection]:
    """Read a question and a selection from one query string; looks of images are dropped. Raises InvalidQuery with every problem."""
    query_args = {name: values for name, values in args.items() if name not in _FIELD_BY_PARAMETER}
    selection_args = {name: values for name, values in args.items() if name in _FIELD_BY_PARAMETER}
    if "language" in args:
        selection_args["language"], query_args["language"] = _split_languages(args["language"])
    problems, query, selection = list[tuple[str, str]](), None, None
    try:
        query = Query.parse(query_args, clock, defaults).without_image_parameters()
    except InvalidQuery as error:
        problems += error.problems
    try:
        selection = _parse_selection(selection_args)
    except InvalidQuery as error:
        problems += error.problems
    if query and selection and selection.account and not any(user.includes(selection.account) for user in query.users):
        problems.append(("account", gettext("%(account)s isn’t one of the accounts in this report.", account=selection.account.label)))
    if problems or query is None or selection is None:
        raise InvalidQuery(problems)
    return query, selection


def _split_languages(values: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the word that selects posts by their language, and the codes of the languages that the question is about.

    Several words select the posts that one of them selects: all, if one of them is `other`, because the rest is English.
    """
    parts = [part.strip() for value in values for part in value.split(",") if part.strip()]
    words = {part.lower() for part in parts} & set(get_args(Language))
    word = (words - {"english"} or words) if "other" not in words or len(words) == 1 else ()
    return list(word), [part for part in parts if part.lower() not in words]


def _parse_selection(args: Mapping[str, Sequence[str]]) -> PostSelection:
    values_by_name, problems = {}, list[tuple[str, str]]()
    for name, values in args.items():
        filled = [value for value in values if value.strip()]
        if len(filled) > 1:
            problems.append((name, gettext("“%(name)s” appears %(count)s times; give it once.", name=name, count=len(filled))))
        elif filled:
            values_by_name[name] = filled[0]
    try:
        selection = PostSelection.model_validate(values_by_name)
    except ValidationError as error:
        problems += [(str(detail["loc"][0]), str(detail.get("ctx", {}).get("error", detail["msg"]))) for detail in error.errors()]
    if problems:
        raise InvalidQuery(problems)
    return selection


def _to_query_text(value: Any) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)


def _to_json_value(value: Any) -> Any:
    return value if value is None or isinstance(value, int) else _to_query_text(value)
