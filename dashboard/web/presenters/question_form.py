"""The form as submitted: the unchanged value of each field and its problems, so that nothing typed is ever lost."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import get_args

from dashboard.core import query_values
from dashboard.core.formatting.counts import format_count
from dashboard.core.formatting.dates import format_day, format_days
from dashboard.core.formatting.numbers import format_number
from dashboard.core.formatting.texts import excerpt
from dashboard.core.messages import gettext, ngettext, translatable
from dashboard.core.methods import DEFAULT_METHOD, METHODS
from dashboard.core.networks import counting_titles
from dashboard.core.query import Query
from dashboard.core.query_parameters import REPORT_DEFAULTS
from dashboard.core.query_values import ROLLING_PERIODS, RollingPeriod, count_days

_DEFAULT_VALUES = {
    "users": "",
    "last": "",
    "since": "",
    "until": "",
    "n": "400",
    "interval": "auto",
    "tz": "UTC",
    "language": "",
    "method": DEFAULT_METHOD,
    "measure": REPORT_DEFAULTS["measure"],
    "window": "all",
    "counted": "posts",
}
_ISO_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MAX_ROWS = 4  # of the field of accounts, before it scrolls
_MAX_VALUE_LENGTH = 6_000  # characters of a field that are shown again; a URL holds no more

_CHOICES = {
    "interval": {
        "auto": translatable("Automatic"),
        "hour": translatable("Hour"),
        "day": translatable("Day"),
        "week": translatable("Week"),
        "month": translatable("Month"),
    },
    "measure": {
        "mean": translatable("Balance per post"),
        "share": translatable("Positive share"),
        "net": translatable("Total balance"),
    },
    "window": {
        "all": translatable("Everything available"),
        "common": translatable("Only where all accounts have posts"),
    },
    "kinds": {
        "post": translatable("Posts"),
        "reply": translatable("Replies"),
        "repost": translatable("Reposts"),
        "quote": translatable("Quotes"),
    },
}
_GROUPINGS = {
    "auto": translatable("automatic"),
    "hour": translatable("by hour"),
    "day": translatable("by day"),
    "week": translatable("by week"),
    "month": translatable("by month"),
}


def list_period_titles() -> dict[str, str]:
    """Return the rolling periods with their titles, such as `7 days`."""
    return {name: format_count(count_days(name), "day") for name in ROLLING_PERIODS}


def describe_rolling_period(last: RollingPeriod) -> str:
    """Return a rolling period as an option: `Last 7 days`."""
    return gettext("Last %(count)s days", count=count_days(last))


def describe_latest(count: int) -> str:
    """Return how many posts are read: `Latest 400 posts`."""
    return ngettext("Latest %(count)s post", "Latest %(count)s posts", count, count=format_number(count))


def list_choices(name: str) -> dict[str, str]:
    """Return the options of a select field or checkboxes: values with their labels."""
    if name == "method":
        return {method.name: method.title for method in METHODS}
    if name == "counted":
        own_counts = gettext("%(networks)s’s own post counts (activity only, much cheaper)", networks=counting_titles())
        return {"posts": gettext("The posts themselves"), "network": own_counts}
    if name == "last":
        return {"": gettext("Any time, or From and Until")} | {last: describe_rolling_period(last) for last in ROLLING_PERIODS}
    return {value: gettext(title) for value, title in _CHOICES[name].items()}


@dataclass(frozen=True)
class QuestionForm:
    """The values of the fields, the ticked kinds of posts, and the messages by field; those under `""` belong to no field."""

    values: Mapping[str, str]
    kinds: Sequence[str]
    problems: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @property
    def rows(self) -> int:
        """Return how many lines the field of accounts has in browsers that can't fit it to its text."""
        return min(_MAX_ROWS, 1 + self.values["users"].count("\n"))

    @property
    def options_in_words(self) -> str:
        """Return what is read and how it is grouped: `Latest 400 posts, automatic`, `Latest 50 posts, last 30 days, by week`."""
        values, interval = self.values, self.values["interval"]
        grouping = gettext(_GROUPINGS[interval]) if interval in _GROUPINGS else gettext("by %(interval)s", interval=interval)
        return ", ".join(filter(None, [_describe_number(values["n"]), self._period_in_words, grouping]))

    @property
    def _period_in_words(self) -> str:
        last, since, until = (self.values[name] for name in ("last", "since", "until"))
        if last in ROLLING_PERIODS:
            return gettext("last %(count)s days", count=count_days(last))
        first_day, end = _parse_day(since), _parse_day(until)
        if first_day and end and first_day < end:
            return format_days(first_day, end - timedelta(days=1))
        since, until = (format_day(day) if day else text for day, text in ((first_day, since), (end, until)))
        if since and until:
            return gettext("from %(since)s until %(until)s", since=since, until=until)
        return gettext("from %(day)s", day=since) if since else gettext("before %(moment)s", moment=until) if until else ""

    def date_input_type(self, name: str) -> str:
        """Return the type of a field for a day: a date picker can't show what isn't a day."""
        return "text" if self.values[name] and _parse_day(self.values[name]) is None else "date"

    @property
    def has_changed_options(self) -> bool:
        """Return whether an option has a problem or isn't at its default, so that it must be visible."""
        names = {*_DEFAULT_VALUES, "kinds"} - {"users"}
        changed = any(self.values[name] != _DEFAULT_VALUES[name] for name in names if name != "kinds") or len(self.kinds) < len(
            query_values.POST_KINDS
        )
        return changed or bool(names & set(self.problems))


def _parse_day(text: str) -> date | None:
    """Return the day that a date picker would show for a value."""
    try:
        return date.fromisoformat(text) if _ISO_DAY.fullmatch(text) else None
    except ValueError:
        return None


def _describe_number(text: str) -> str:
    """Return how many posts are read, never more than Chorus reads."""
    return (
        describe_latest(min(int(text), query_values.MAX_POSTS_PER_ACCOUNT))
        if re.fullmatch(r"[0-9]{1,6}", text)
        else gettext("Latest %(count)s posts", count=excerpt(text))
    )


def form_from_args(args: Mapping[str, Sequence[str]], problems: Sequence[tuple[str, str]] = ()) -> QuestionForm:
    """Return the form filled from a query string, with problems assigned to their fields."""
    values = {name: ",".join(args.get(name, ()))[:_MAX_VALUE_LENGTH] or default for name, default in _DEFAULT_VALUES.items()}
    values["users"] = values["users"].strip(", ")
    kinds = {kind for text in args.get("kinds", ()) for kind in text.lower().split(",")} & set(get_args(query_values.PostKind))
    by_field: dict[str, list[str]] = {}
    for name, message in problems:
        by_field.setdefault(name if name in _DEFAULT_VALUES or name == "kinds" else "", []).append(message)
    return QuestionForm(values, [kind for kind in query_values.POST_KINDS if kind in kinds or not kinds], by_field)


def form_from_query(query: Query) -> QuestionForm:
    """Return the form filled from a query. It leads to the report, so the defaults are the report's."""
    return form_from_args({name: [value] for name, value in query.to_args(REPORT_DEFAULTS)})
