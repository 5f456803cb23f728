"""The form as submitted: the unchanged value of each field and its problems, so that nothing typed is ever lost."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import get_args

from dashboard.core import query_values
from dashboard.core.formatting.counts import format_count
from dashboard.core.formatting.texts import excerpt
from dashboard.core.methods import DEFAULT_METHOD, METHODS
from dashboard.core.networks import counting_titles
from dashboard.core.query import Query
from dashboard.core.query_parameters import REPORT_DEFAULTS

_DEFAULT_VALUES = {
    "users": "",
    "last": "",
    "since": "",
    "until": "",
    "n": "400",
    "interval": "auto",
    "tz": "UTC",
    "method": DEFAULT_METHOD,
    "measure": REPORT_DEFAULTS["measure"],
    "window": "all",
    "counted": "posts",
}
_MAX_ROWS = 4  # of the field of accounts, before it scrolls
_MAX_VALUE_LENGTH = 6_000  # characters of a field that are shown again; a URL holds no more

PERIOD_TITLES = {"7d": "7 days", "30d": "30 days", "90d": "90 days", "365d": "365 days"}
_CHOICES = {
    "last": {"": "Any time, or From and Until"} | {name: f"Last {title}" for name, title in PERIOD_TITLES.items()},
    "interval": {"auto": "Automatic", "hour": "Hour", "day": "Day", "week": "Week", "month": "Month"},
    "measure": {"mean": "Balance per post", "share": "Positive share", "net": "Total balance"},
    "window": {"all": "Everything available", "common": "Only where all accounts have posts"},
    "kinds": {"post": "Posts", "reply": "Replies", "repost": "Reposts", "quote": "Quotes"},
}


def list_choices(name: str) -> dict[str, str]:
    """Return the options of a select field or checkboxes: values with their labels."""
    if name == "method":
        return {method.name: method.title for method in METHODS}
    if name == "counted":
        return {"posts": "The posts themselves", "network": f"{counting_titles()}'s own post counts (activity only, much cheaper)"}
    return _CHOICES[name]


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
        values = self.values
        dates = [f"from {values['since']}" * bool(values["since"]), f"until {values['until']}" * bool(values["until"])]
        period = [f"last {PERIOD_TITLES[values['last']]}"] if values["last"] in PERIOD_TITLES else [" ".join(filter(None, dates))]
        grouping = "automatic" if values["interval"] == "auto" else f"by {values['interval']}"
        return ", ".join(filter(None, [f"Latest {_describe_number(values['n'])}", *period, grouping]))

    @property
    def has_changed_options(self) -> bool:
        """Return whether an option has a problem or isn't at its default, so that it must be visible."""
        names = {*_DEFAULT_VALUES, "kinds"} - {"users"}
        changed = any(self.values[name] != _DEFAULT_VALUES[name] for name in names if name != "kinds") or len(self.kinds) < len(
            query_values.POST_KINDS
        )
        return changed or bool(names & set(self.problems))


def _describe_number(text: str) -> str:
    return format_count(int(text), "post") if re.fullmatch(r"[0-9]{1,6}", text) else f"{excerpt(text)} posts"


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
