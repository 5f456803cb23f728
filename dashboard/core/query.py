"""One question, as a frozen value: parsed from a query string, every problem at once, and written back the same way.

Equal questions are equal values with equal `to_args()`, so they share URLs and cache keys. No HTTP, no network; the clock is passed in.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import cache, lru_cache
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from dashboard.core.charts import CHARTS, first_countable_chart
from dashboard.core.clock import Clock, system_clock
from dashboard.core.errors import InvalidQuery
from dashboard.core.formatting.dates import format_day, format_days
from dashboard.core.formatting.numbers import format_number
from dashboard.core.formatting.texts import format_list
from dashboard.core.languages import name_chosen_language
from dashboard.core.local_days import start_of_day
from dashboard.core.messages import gettext
from dashboard.core.methods import METHODS
from dashboard.core.query_fields import QueryFields
from dashboard.core.query_parameters import FILE_PARAMETERS, IMAGE_PARAMETERS, PARAMETER_ORDER, REPORT_DEFAULTS, collect_values
from dashboard.core.query_values import MAX_POSTS_PER_ACCOUNT, RollingPeriod, count_days
from dashboard.core.suggestions import CorrectableError, Correction

_MAX_REMEMBERED_TEXTS = 1024  # of values


class Query(QueryFields):
    """One question. `Query.parse` makes one from a query string."""

    @classmethod
    def parse(
        cls, args: Mapping[str, Sequence[str]], clock: Clock = system_clock, defaults: Mapping[str, str] = MappingProxyType({})
    ) -> "Query":
        """Read a query string's names and values; blank values count as absent, and absent ones get the page's own `defaults` first.

        `last` sets `since` and `until`, counted back from the clock's day in the query's zone. Raises InvalidQuery with every problem,
        each at its field.
        """
        values, problems = collect_values(args)
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
        """Return the same question of the last days, today included, or of any time if `last` is None."""
        if last is None:
            return self.model_copy(update={"last": None, "since": None, "until": None})
        tomorrow = clock().astimezone(self.zone).date() + timedelta(days=1)
        return self.model_copy(update={"last": last, "since": tomorrow - timedelta(days=count_days(last)), "until": tomorrow})

    def with_days(self, first: datetime, last: datetime) -> "Query":
        """Return the same question of the days in the query's zone from one moment to another, both days included."""
        first_day, last_day = (moment.astimezone(self.zone).date() for moment in (first, last))
        return self.model_copy(update={"last": None, "since": first_day, "until": last_day + timedelta(days=1)})

    def validated_for(self, chart_kind: str) -> "Query":
        """Return the question if such a chart can answer it. Raises InvalidQuery, at its field, if not."""
        if self.counted == "network" and not CHARTS[chart_kind].answers_network_counts:
            countable = first_countable_chart().name
            problem = gettext(
                "A network’s own post counts contain no text, so they can’t show %(chart)s. Choose “The posts themselves” under Source of "
                "counts (counted=posts), or open the %(countable)s chart.",
                chart=chart_kind,
                countable=countable,
            )
            raise InvalidQuery([("counted", problem)])
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
        return self.model_copy(update={name: _list_defaults()[name] for name in IMAGE_PARAMETERS})

    def with_image_parameters_of(self, other: "Query") -> "Query":
        """Return the same question with the looks of images of another query."""
        return self.model_copy(update={name: getattr(other, name) for name in IMAGE_PARAMETERS})

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
        values, page_defaults = vars(self), {**_list_defaults(), **defaults}
        implied = ("since", "until") if self.last else ()
        return [
            (name, _to_query_text(values[name])) for name in PARAMETER_ORDER if values[name] != page_defaults[name] and name not in implied
        ]

    def reading_args(self) -> list[tuple[str, str]]:
        """Return the arguments without those that can't change which posts are read: the looks of images, and the measure."""
        return [(name, text) for name, text in self.without_image_parameters().to_args() if name != "measure"]

    def to_json(self) -> dict[str, Any]:
        """Return every parameter of the data, defaults included, as plain JSON values."""
        return {name: _to_json_value(getattr(self, name)) for name in PARAMETER_ORDER if name not in FILE_PARAMETERS}

    def describe(self) -> str:
        """Return the question in words, such as “@nasa and demo:aster-air, the newest 400 posts each”."""
        values = {"accounts": format_list([user.label for user in self.users]), "count": format_number(self.limit)}
        if len(self.users) > 1:
            description = gettext("%(accounts)s, the newest %(count)s posts each", **values)
        else:
            description = gettext("%(accounts)s, the newest %(count)s posts", **values)
        return f"{description}, {self.describe_period()}" if self.since or self.until else description

    def describe_period(self) -> str:
        """Return the requested days in words, the last one included: `1 Mar – 30 Apr 2026`, `from 1 Mar 2026`; empty if all are.

        A rolling period has its length too: `the last 30 days, 1 Nov – 30 Nov 2026`.
        """
        if self.last:
            return gettext("the last %(count)s days, %(days)s", count=count_days(self.last), days=self.describe_days())
        return self.describe_days()

    def describe_days(self) -> str:
        """Return the requested days without the length of a rolling period: `1 Mar – 30 Apr 2026`, `from 1 Mar 2026`; empty if all are."""
        last_day = self.until - timedelta(days=1) if self.until else None
        if self.since and last_day:
            return format_days(self.since, last_day)
        if self.since:
            return gettext("from %(day)s", day=format_day(self.since))
        return gettext("up to %(day)s", day=format_day(last_day)) if last_day else ""

    def describe_languages(self) -> str:
        """Return the chosen languages as a line of its own: `Only posts in German and English`; empty if none was chosen."""
        if not self.language:
            return ""
        return gettext("Only posts in %(languages)s", languages=format_list(list(map(name_chosen_language, self.language))))

    def describe_rolling_period(self) -> str:
        """Return a rolling period as a line of its own: `The last 30 days, 1 Nov – 30 Nov 2026`; empty if there is none."""
        if not self.last:
            return ""
        return gettext("The last %(count)s days, %(days)s", count=count_days(self.last), days=self.describe_days())


@cache
def _list_defaults() -> Mapping[str, Any]:
    """Return the default of each parameter. A page has hundreds of links, for each of which pydantic would build them again."""
    return {name: field.default for name, field in Query.model_fields.items()}


def _extract_corrections(error: Any) -> list[Correction]:
    cause = error.get("ctx", {}).get("error")
    return list(cause.corrections) if isinstance(cause, CorrectableError) else [Correction(str(cause) if cause else f"{error['msg']}.")]


def _to_json_value(value: Any) -> Any:
    if isinstance(value, tuple):
        return [str(part) for part in value]
    return value.isoformat() if isinstance(value, date) else value


@lru_cache(_MAX_REMEMBERED_TEXTS, typed=True)
def _to_query_text(value: Any) -> str:
    """Return a value as in a query string. A page has a hundred links with the same accounts."""
    if isinstance(value, bool):
        return str(int(value))
    return ",".join(map(str, value)) if isinstance(value, tuple) else str(value)
