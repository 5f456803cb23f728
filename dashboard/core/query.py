"""One question, as a frozen value: parsed from a query string, every problem at once, and written back the same way.

Equal questions are equal values with equal `to_args()`, so they share URLs and cache keys. No HTTP, no network; the clock is passed in.
"""

import difflib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import cache
from types import MappingProxyType
from typing import Annotated, Any, Literal, get_args
from zoneinfo import ZoneInfo, available_timezones

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, ValidationInfo, field_validator

from dashboard.core import accounts
from dashboard.core.account_problems import explain_personal_name
from dashboard.core.accounts import Account
from dashboard.core.charts import CHARTS, first_countable_chart
from dashboard.core.clock import Clock, system_clock
from dashboard.core.errors import InvalidQuery
from dashboard.core.formatting import excerpt, format_day, format_days, format_list
from dashboard.core.local_days import start_of_day
from dashboard.core.methods import DEFAULT_METHOD, METHODS
from dashboard.core.networks import NETWORKS, counting_titles
from dashboard.core.suggestions import CorrectableError, Correction, Suggestion

LARGE_IMAGE_PIXELS = 4_000_000  # from which an image counts as large work
LARGE_POST_COUNT = 20_000  # posts of all accounts, beyond which a report counts as large work
MAX_POSTS_PER_ACCOUNT = 3200  # posts of one account; more is answered with this many, and said so
MAX_ACCOUNTS = 20
MAX_IMAGE_PIXELS = 16_000_000  # of one image, after scaling: about 64 MB while it is drawn
_MAX_HANDLES = 200  # handles looked at in one field before giving up
_MAX_EXAMPLES = 3  # of many invalid handles
_MAX_LISTED_PARAMETERS = 5  # unknown names in an address that are listed; more are counted
_MAX_DIGITS = 18  # of a number that is read; a longer one is far above the cap all the same
_GROUPED_NUMBER = re.compile(r"[1-9][0-9]{0,2}(?:([,. ’'])[0-9]{3})(?:\1[0-9]{3})*")  # 3,200 as people write it
_TRACKING_PARAMETERS = re.compile(r"utm_\w+|fbclid|gclid|msclkid|igshid|mc_[ce]id")  # what chats and mailers add to a link

Interval = Literal["auto", "hour", "day", "week", "month"]
RollingPeriod = Literal["7d", "30d", "90d", "365d"]
PostKind = Literal["post", "reply", "repost", "quote"]
Measure = Literal["net", "mean", "share"]
Window = Literal["all", "common"]
Axis = Literal["own", "same"]
CountedFrom = Literal["posts", "network"]
Theme = Literal["light", "dark"]
Frame = Literal["chart", "slide"]
POST_KINDS: tuple[PostKind, ...] = get_args(PostKind)
REPORT_DEFAULTS: Mapping[str, str] = {"measure": "mean"}  # of a report and its posts, where they differ from those of everything else
ROLLING_PERIODS: tuple[RollingPeriod, ...] = get_args(RollingPeriod)


def _parse_users(text: str) -> tuple[Account, ...]:
    parts = accounts.split_accounts(text)
    if not parts:
        raise ValueError("Enter at least one account, such as nasa.bsky.social.")
    if name := accounts.find_personal_name(text):
        raise CorrectableError(explain_personal_name(name))
    unique_accounts, corrections = dict[Account, None](), dict[str, Correction]()
    for part in parts[:_MAX_HANDLES]:
        try:
            unique_accounts[accounts.parse_account(part)] = None
        except accounts.InvalidAccount as problem:
            corrections.setdefault(str(problem), replace(problem.corrections[0], typed=part))
    if corrections:
        raise CorrectableError(*_limit_corrections(list(corrections.values())))
    account_count = len(parts) if len(parts) > _MAX_HANDLES else len(unique_accounts)
    if account_count > MAX_ACCOUNTS:
        raise ValueError(f"That's {account_count} accounts; up to {MAX_ACCOUNTS} fit in one report.")
    return tuple(unique_accounts)


def _limit_corrections(corrections: list[Correction]) -> list[Correction]:
    """Return the corrections; of more than a report has accounts only the first ones, and one that counts the others."""
    if len(corrections) <= MAX_ACCOUNTS:
        return corrections
    return [*corrections[:_MAX_EXAMPLES], Correction(f"And {len(corrections) - _MAX_EXAMPLES} more like these.")]


def integer_validator(minimum: int, maximum: int | None, subject: str) -> BeforeValidator:
    """Return a validator of whole numbers from `minimum` to `maximum`; without `maximum`, larger numbers are served at the cap."""
    bounds = f"from {minimum:,} to {maximum:,}" if maximum else f"from {minimum:,} (up to {MAX_POSTS_PER_ACCOUNT:,} are read)"

    def read(text: str | int) -> int:
        written = str(text).strip()
        digits = re.sub(r"[,. ’']", "", written) if not maximum and _GROUPED_NUMBER.fullmatch(written) else written
        number = int(digits[:_MAX_DIGITS]) if re.fullmatch(r"[0-9]+", digits) else -1
        if number < minimum or (maximum and number > maximum):
            raise ValueError(f"{subject} must be a whole number {bounds} – “{excerpt(written)}” isn't.")
        return number

    return BeforeValidator(read, json_schema_input_type=Annotated[int, Field(ge=minimum, le=maximum)])


def choice_parser(choices: Any, subject: str) -> Callable[[str], str]:
    """Return a parser that accepts one of the literals of `choices`; `subject` begins the sentence if the text is none of them."""

    def read(text: str) -> str:
        return _parse_choice(text, get_args(choices), subject)

    return read


def _parse_choice(text: str, choices: Sequence[str], subject: str) -> str:
    if text.strip().lower() not in choices:
        raise ValueError(f"{subject} must be {format_list(list(choices), conjunction='or')} – “{excerpt(text)}” isn't available.")
    return text.strip().lower()


def _parse_method(text: str) -> str:
    return _parse_choice(text, METHODS.names(), "The method")


def _list_methods(schema: dict[str, Any]) -> None:
    schema["enum"] = list(METHODS.names())


def _parse_post_kinds(text: str) -> tuple[PostKind, ...]:
    kinds = {word.strip().lower() for word in text.split(",") if word.strip()}
    if wrong := sorted(kinds - set(POST_KINDS)):
        raise ValueError(f"Post types are {format_list(list(POST_KINDS))} – “{excerpt(wrong[0])}” isn't available.")
    return tuple(kind for kind in POST_KINDS if kind in kinds) or POST_KINDS


def _parse_date(text: str) -> date:
    try:
        day = date.fromisoformat(text.strip())
    except ValueError:
        raise ValueError(f"Write the date as year-month-day, such as 2026-03-31. “{excerpt(text)}” isn't a valid date.") from None
    if not 2006 <= day.year <= 2100:
        raise ValueError(f"Choose a date between 2006 and 2100 – {day} is outside this range.")
    return day


@cache
def time_zone_names() -> dict[str, str]:
    """Return every IANA zone by its lower-case name, without the two that only make sense on one machine."""
    return {name.lower(): name for name in sorted(available_timezones() - {"Factory", "localtime"})}


def _parse_time_zone(text: str) -> str:
    lowered = text.strip().lower()
    name = time_zone_names().get(lowered)
    if name is None:
        same_city = [zone for zone in time_zone_names() if zone.endswith(f"/{lowered.replace(' ', '_')}")]
        near = same_city or difflib.get_close_matches(lowered, time_zone_names(), n=1, cutoff=0.75)
        sentence = f"Unknown time zone “{excerpt(text)}”." + (" Time zones look like Europe/Berlin." if not near else "")
        suggestions = (Suggestion(zone, zone) for zone in [time_zone_names()[name] for name in near[:_MAX_EXAMPLES]])
        raise CorrectableError(Correction(sentence, text.strip(), tuple(suggestions)))
    return name


def _parse_flag(text: str) -> bool:
    if text.strip() not in ("0", "1"):
        raise ValueError("Write 1 for yes or 0 for no.")
    return text.strip() == "1"


class Query(BaseModel):
    """One question. Fields are the public contract's parameters; `Query.parse` makes one from a query string."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    users: Annotated[tuple[Account, ...], BeforeValidator(_parse_users)]
    n: Annotated[int, integer_validator(1, None, "The number of posts per account")] = 400
    interval: Annotated[Interval, BeforeValidator(choice_parser(Interval, "The interval"))] = "auto"
    tz: Annotated[str, BeforeValidator(_parse_time_zone)] = "UTC"
    since: Annotated[date | None, BeforeValidator(_parse_date)] = None
    until: Annotated[date | None, BeforeValidator(_parse_date)] = None
    last: Annotated[RollingPeriod | None, BeforeValidator(choice_parser(RollingPeriod, "The period"))] = None
    kinds: Annotated[tuple[PostKind, ...], BeforeValidator(_parse_post_kinds)] = POST_KINDS
    method: Annotated[str, BeforeValidator(_parse_method), Field(json_schema_extra=_list_methods)] = DEFAULT_METHOD
    measure: Annotated[Measure, BeforeValidator(choice_parser(Measure, "The measure"))] = "net"
    window: Annotated[Window, BeforeValidator(choice_parser(Window, "The window"))] = "all"
    counted: Annotated[CountedFrom, BeforeValidator(choice_parser(CountedFrom, "The source of counts"))] = "posts"
    axis: Annotated[Axis, BeforeValidator(choice_parser(Axis, "The scale of accounts"))] = "own"
    width: Annotated[int, integer_validator(200, 3000, "The width in pixels")] = 900
    height: Annotated[int, integer_validator(150, 6000, "The height in pixels")] = 420
    scale: Annotated[int, integer_validator(1, 3, "The scale"), Field(validate_default=True)] = 2
    theme: Annotated[Theme, BeforeValidator(choice_parser(Theme, "The theme"))] = "light"
    frame: Annotated[Frame, BeforeValidator(choice_parser(Frame, "The frame"))] = "chart"
    embed: Annotated[bool, BeforeValidator(_parse_flag)] = False
    bom: Annotated[bool, BeforeValidator(_parse_flag)] = False

    @classmethod
    def parse(
        cls, args: Mapping[str, Sequence[str]], clock: Clock = system_clock, defaults: Mapping[str, str] = MappingProxyType({})
    ) -> "Query":
        """Read a query string's names and values; blank values count as absent, and absent ones get the page's own `defaults` first.

        `last` sets `since` and `until`, counted back from the clock's day in the query's zone, or from where a demo ends.
        Raises InvalidQuery with every problem, each at its field.
        """
        values, problems = _collect_values(args)
        corrections = list[Correction]()
        try:
            query = cls.model_validate({**defaults, **values})
        except ValidationError as error:
            for problem in error.errors():
                corrections += (field_corrections := _extract_corrections(problem))
                problems += [(str(problem["loc"][0]), correction.message) for correction in field_corrections]
        if problems:
            raise InvalidQuery(problems, corrections)
        return query.with_period(query.last, clock) if query.last else query

    def with_period(self, last: RollingPeriod | None, clock: Clock = system_clock) -> "Query":
        """Return the same question of the last days, today included, or of any time if `last` is None.

        If it's known of every account that its posts end earlier, as in the demo, the period ends with the day of the latest such end.
        """
        if last is None:
            return self.model_copy(update={"last": None, "since": None, "until": None})
        until = self._find_last_day(clock()) + timedelta(days=1)
        return self.model_copy(update={"last": last, "since": until - timedelta(days=_count_days(last)), "until": until})

    def _find_last_day(self, now: datetime) -> date:
        ends = [NETWORKS[account.network].find_end(now) for account in self.users]
        latest = max((end - timedelta.resolution for end in ends if end), default=now)
        return (latest if all(ends) else now).astimezone(self.zone).date()

    def with_days(self, first: datetime, last: datetime) -> "Query":
        """Return the same question of the days in the query's zone from one moment to another, both days included."""
        first_day, last_day = (moment.astimezone(self.zone).date() for moment in (first, last))
        return self.model_copy(update={"last": None, "since": first_day, "until": last_day + timedelta(days=1)})

    @field_validator("last")
    @classmethod
    def _validate_last(cls, last: RollingPeriod | None, info: ValidationInfo) -> RollingPeriod | None:
        if last and (info.data.get("since") or info.data.get("until")):
            raise ValueError(f"Choose either the last {_count_days(last)} days or dates in “From” and “Until”, not both.")
        return last

    @field_validator("until")
    @classmethod
    def _validate_until(cls, until: date | None, info: ValidationInfo) -> date | None:
        since = info.data.get("since")
        if until and since and until <= since:
            raise ValueError(f"“Until” ({until}) must be later than “From” ({since}). The until day itself is excluded.")
        return until

    @field_validator("counted")
    @classmethod
    def _validate_counted(cls, counted: CountedFrom, info: ValidationInfo) -> CountedFrom:
        if counted == "network" and info.data.get("kinds", POST_KINDS) != POST_KINDS:
            titles = counting_titles()
            raise ValueError(
                f"{titles}'s own post counts don't distinguish types of posts. Include all types, or choose “The posts themselves”."
            )
        return counted

    @field_validator("scale")
    @classmethod
    def _validate_scale(cls, scale: int, info: ValidationInfo) -> int:
        pixels = info.data.get("width", 1) * info.data.get("height", 1) * scale**2
        if pixels > MAX_IMAGE_PIXELS:
            raise ValueError(
                f"The image would have {pixels:,} pixels; the limit is {MAX_IMAGE_PIXELS:,}. Choose a smaller width, height or scale."
            )
        return scale

    def validated_for(self, chart_kind: str) -> "Query":
        """Return the question if such a chart can answer it. Raises InvalidQuery, at its field, if not."""
        if self.counted == "network" and not CHARTS[chart_kind].answers_network_counts:
            countable = first_countable_chart().name
            choice = f"Choose “The posts themselves” under Source of counts (counted=posts), or open the {countable} chart."
            raise InvalidQuery([("counted", f"A network's own post counts contain no text, so they can't show {chart_kind}. {choice}")])
        return self

    def validated_for_report(self) -> "Query":
        """Return the question if all charts can answer it. Raises InvalidQuery if not."""
        for chart_kind in CHARTS.names():
            self.validated_for(chart_kind)
        return self

    def needs_model_labels(self, chart_kind: str | None) -> bool:
        """Say whether posts are labelled by a model for such a chart; None stands for all charts."""
        return METHODS[self.method].needs_labeller and (chart_kind is None or CHARTS[chart_kind].uses_labels)

    def needs_method_comparison(self, chart_kind: str | None) -> bool:
        """Say whether such a chart sets a model beside other methods; None stands for all charts."""
        return self.counted == "posts" and (chart_kind is None or CHARTS[chart_kind].compares_methods)

    def without_image_parameters(self) -> "Query":
        """Return the same question without the looks of images."""
        return self.model_copy(update={name: type(self).model_fields[name].default for name in IMAGE_PARAMETERS})

    def counted_from_posts(self) -> "Query":
        """Return the same question counted from posts. A network's own counts have no measure, so it's that of reports then."""
        defaults = REPORT_DEFAULTS if self.counted == "network" else {}
        return self.model_copy(update={**defaults, "counted": "posts"})

    def limited_to_common_time(self) -> "Query":
        """Return the same question of only the time that all accounts share."""
        return self.model_copy(update={"window": "common"})

    def required_span(self, chart_kind: str | None) -> tuple[datetime | None, datetime | None]:
        """Return since and until of the posts that such a chart needs: to compare a time, those of the equally long one before it too."""
        if chart_kind and CHARTS[chart_kind].needs_previous_period and self.since and self.until:
            return self._midnight_utc(self.since - (self.until - self.since)), self.span[1]
        return self.span

    @property
    def limit(self) -> int:
        """Return how many posts of each account are served."""
        return min(self.n, MAX_POSTS_PER_ACCOUNT)

    @property
    def zone(self) -> ZoneInfo:
        """Return the zone of the view."""
        return ZoneInfo(self.tz)

    @property
    def span(self) -> tuple[datetime | None, datetime | None]:
        """Return since and until as aware UTC instants, half-open; None where open."""
        return self._midnight_utc(self.since), self._midnight_utc(self.until)

    def _midnight_utc(self, day: date | None) -> datetime | None:
        return start_of_day(day, self.zone) if day else None

    def to_args(self, defaults: Mapping[str, str] = MappingProxyType({})) -> list[tuple[str, str]]:
        """Return names and values of the canonical query string: contract order, and without defaults or dates that `last` implies.

        `defaults` are those that a page has of its own.
        """
        implied = ("since", "until") if self.last else ()
        texts = {
            name: _to_query_text(getattr(self, name))
            for name in _PARAMETER_ORDER
            if name not in implied and getattr(self, name) != defaults.get(name, type(self).model_fields[name].default)
        }
        return list(texts.items())

    def reading_args(self) -> list[tuple[str, str]]:
        """Return the arguments without those that can't change which posts are read: the looks of images, and the measure."""
        return [(name, text) for name, text in self.without_image_parameters().to_args() if name != "measure"]

    def to_json(self) -> dict[str, Any]:
        """Return every parameter of the data, defaults included, as plain JSON values."""
        return {name: _to_json_value(getattr(self, name)) for name in _PARAMETER_ORDER if name not in _FILE_PARAMETERS}

    def describe(self) -> str:
        """Return the question in words, such as “@nasa and demo:aster-air, the newest 400 posts each”."""
        names = [user.label for user in self.users]
        suffix = " each" if len(names) > 1 else ""
        period = f", {self.describe_period()}" if self.since or self.until else ""
        return f"{format_list(names)}, the newest {self.limit:,} posts{suffix}{period}"

    def describe_period(self) -> str:
        """Return the requested days in words, the last one included: `1 Mar – 30 Apr 2026`, `from 1 Mar 2026`; empty if all are.

        A rolling period has its length too: `the last 30 days, 1 Nov – 30 Nov 2026`.
        """
        last_day = self.until - timedelta(days=1) if self.until else None
        length = f"the last {_count_days(self.last)} days, " if self.last else ""
        if self.since and last_day:
            return length + format_days(self.since, last_day)
        return f"from {format_day(self.since)}" if self.since else f"up to {format_day(last_day)}" if last_day else ""

    def describe_rolling_period(self) -> str:
        """Return a rolling period as a line of its own: `The last 30 days, 1 Nov – 30 Nov 2026`; empty if there is none."""
        return self.describe_period().replace("the last", "The last", 1) if self.last else ""


_PARAMETER_ORDER = [
    "users",
    "n",
    "interval",
    "last",
    "since",
    "until",
    "tz",
    "kinds",
    "method",
    "measure",
    "window",
    "counted",
    "axis",
    "width",
    "height",
    "scale",
    "theme",
    "frame",
    "embed",
    "bom",
]
IMAGE_PARAMETERS = {"width", "height", "scale", "theme", "frame", "embed"}
_FILE_PARAMETERS = IMAGE_PARAMETERS | {"axis", "bom"}  # which change how a file is written, but none of its numbers


def _collect_values(args: Mapping[str, Sequence[str]]) -> tuple[dict[str, str], list[tuple[str, str]]]:
    """Return one text per parameter, and the problems with the names themselves."""
    unknown_names = [name for name in args if name not in Query.model_fields and not _TRACKING_PARAMETERS.fullmatch(name)]
    texts, problems = {}, _describe_unknown_parameters(unknown_names)
    for name, values in args.items():
        filled = [value for value in values if value.strip()]
        if name not in Query.model_fields:
            continue
        if len(filled) > 1 and name not in ("users", "kinds"):
            problems.append((name, f"“{name}” appears {len(filled)} times in the address; use it once."))
        elif filled:
            texts[name] = ",".join(filled)
    return texts | ({"users": ""} if "users" not in texts else {}), problems


def _describe_unknown_parameters(names: Sequence[str]) -> list[tuple[str, str]]:
    """Return a problem for each of the first few names, and one that counts the others."""
    problems = [(name[:40], _describe_unknown_parameter(name)) for name in names[:_MAX_LISTED_PARAMETERS]]
    if len(names) > _MAX_LISTED_PARAMETERS:
        problems.append(("", f"The address has {len(names):,} unknown options. Remove them."))
    return problems


def _describe_unknown_parameter(name: str) -> str:
    near = difflib.get_close_matches(name.lower()[:40], Query.model_fields, n=1)
    suggestion = f"Did you mean “{near[0]}”?" if near else f"The options are {format_list(_PARAMETER_ORDER)}."
    return f"Unknown option “{excerpt(name)}” in the address. {suggestion}"


def _extract_corrections(error: Any) -> list[Correction]:
    cause = error.get("ctx", {}).get("error")
    return list(cause.corrections) if isinstance(cause, CorrectableError) else [Correction(str(cause) if cause else f"{error['msg']}.")]


def _count_days(last: RollingPeriod) -> int:
    return int(last.removesuffix("d"))


def _to_json_value(value: Any) -> Any:
    if isinstance(value, tuple):
        return [str(part) for part in value]
    return value.isoformat() if isinstance(value, date) else value


def _to_query_text(value: Any) -> str:
    if isinstance(value, bool):
        return str(int(value))
    return ",".join(map(str, value)) if isinstance(value, tuple) else str(value)
