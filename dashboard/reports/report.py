"""A report: one chart of a query with its table and its notes.

Building it belongs in `builder.py`. Only the formatting and exporting of its table is done here.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Any

import polars as pl

from dashboard.charts.spec.chart import Chart, PostQuery
from dashboard.charts.spec.time_series_chart import TimeSeriesChart
from dashboard.core import sharing_terms
from dashboard.core.accounts import source_notice
from dashboard.core.charts import CHARTS
from dashboard.core.definitions import DEFINITIONS, Definition
from dashboard.core.formatting.texts import start_within_sentence
from dashboard.core.measures import MEASURES
from dashboard.core.messages import gettext
from dashboard.core.query import Query
from dashboard.core.query_values import Axis
from dashboard.reports import table_format
from dashboard.reports.empty_periods import explain_empty_period
from dashboard.reports.exported_table import ExportedTable
from dashboard.reports.json_document import describe_table
from dashboard.reports.notes import scoring_notes

Span = tuple[datetime, datetime]  # both ends included


@dataclass(frozen=True)
class Report(ExportedTable):
    """One chart of a query, its table (the contract's columns), coverage and notes, and when the posts were fetched (UTC).

    `post_queries` has the parameters of /posts for the posts behind each row of the table. A row without such posts has none.
    """

    kind: str
    query: Query
    interval: str
    table: pl.DataFrame
    chart: Chart
    post_queries: Sequence[PostQuery]
    coverage: pl.DataFrame
    warnings: tuple[str, ...]
    remarks: tuple[str, ...]
    fetched_at: datetime | None
    common_time: str = ""  # the period that all accounts cover, in words, if it is worth suggesting
    model: tuple[str, str] = ("", "")  # the labelling model's name with its version, and its name alone; empty without one
    make_claim: Callable[[], str] = field(default=str, repr=False, compare=False)  # returns `claim`; files and bare images don't need it
    count_languages: Callable[[], Sequence[tuple[str, int]]] = field(default=list, repr=False, compare=False)  # returns `language_counts`
    count_shown: Callable[[], int] | None = field(default=None, repr=False, compare=False)  # see ShownPosts
    measure_shown: Callable[[Span | None], pl.DataFrame] | None = field(default=None, repr=False, compare=False)  # see ShownPosts
    measure_drawn: Callable[[], pl.DataFrame] | None = field(default=None, repr=False, compare=False)  # the same of what the chart is about
    labels: Mapping[str, str] = field(default_factory=dict)  # of all accounts, in the order of the query
    overview: Chart | None = None  # what a report with several charts shows instead of the chart
    chart_remarks: tuple[str, ...] = ()  # those of the remarks that are true of the chart, but not of the overview
    image_variant: str = "bare"  # the variant of the image that pages show
    needs_more_posts: bool = False  # if so, `chart.empty_message` says which; the chart's own page reads them
    missing_languages: str = ""  # the sentence to show instead of the chart if no post is in a chosen language
    note: str = ""  # the one of the remarks that changes how the chart must be read, if there is one

    @cached_property
    def claim(self) -> str:
        """What the chart shows, as a headline; empty if it shows nothing in particular."""
        return self.make_claim()

    @property
    def language_counts(self) -> Sequence[tuple[str, int]]:
        """The languages of the posts of the period, the commonest first, with their numbers of posts."""
        return self.count_languages()

    def for_dashboard(self) -> "Report":
        """Return the report with its overview as its chart, if it has one."""
        if self.overview is None:
            return self
        remarks = tuple(remark for remark in self.remarks if remark not in self.chart_remarks)
        return replace(self, chart=self.overview, remarks=remarks, image_variant="overview")

    @cached_property
    def demo_notice(self) -> str:
        """The label of demo data, empty if there is none."""
        return source_notice(self.query.users)

    @property
    def empty_period(self) -> str:
        """The sentence to show instead of the chart if the chosen period or languages have no posts at all, otherwise empty."""
        return explain_empty_period(self.query, self.labels, self.coverage) or self.missing_languages

    @property
    def other_axis(self) -> Axis | None:
        """The other scale that the chart's rows can have, None if it hasn't several rows with a scale."""
        has_choice = isinstance(self.chart, TimeSeriesChart) and self.chart.has_choice_of_scales and not self.chart.is_empty
        return ("own" if self.query.axis == "same" else "same") if has_choice else None

    @property
    def notes(self) -> list[str]:
        """All notes on the numbers, most important first."""
        return [*filter(None, [self.demo_notice]), *self.warnings, *self.remarks]

    @property
    def page_remarks(self) -> list[str]:
        """Return the remarks for a page: without the message that an empty chart has in its place, and the version of the model."""
        message = self.chart.empty_message if self.chart.is_empty else ""
        title, name = self.model
        return [remark.replace(title, name) if title else remark for remark in self.remarks if remark != message]

    @property
    def page_caption(self) -> list[str]:
        """Return the caption for a page: without the notice of demo data, which is above its charts, and the name of the model."""
        model_note = f" ({self.model[0]})"  # the remarks name the model
        return [line.replace(model_note, "") for line in self.chart.caption if line != self.demo_notice]

    @property
    def drawn(self) -> str:
        """One line on what is drawn, for below the headline: the title if the headline is a claim, or else the hint's first sentence.

        The title doesn't say which measure of sentiment is drawn, so that is added. The key of the chart and its incomplete intervals
        follow, unless they are that sentence.
        """
        description = self.chart.title if self.claim else self.chart.hint.partition(". ")[0]
        is_first = not CHARTS[self.kind].uses_measure  # of a report; the next one over time needn't repeat what outlines mean
        note = self._outline_note if is_first else ""
        measure = MEASURES[self.query.measure].title if self.claim and CHARTS[self.kind].uses_measure else ""
        further = [part for part in (start_within_sentence(measure), self.chart.key, note) if part.lower() != description.lower()]
        return " · ".join(filter(None, [description, *further]))

    @property
    def drawn_alone(self) -> str:
        """The same for a chart that isn't below another: what outlines and pale bars mean is always said."""
        chart, drawn = self.chart, self.drawn
        bars = start_within_sentence(chart.bars_note) if isinstance(chart, TimeSeriesChart) else ""
        return " · ".join(filter(None, [drawn, *(part for part in (bars, self._outline_note) if part.lower() not in drawn.lower())]))

    @property
    def _outline_note(self) -> str:
        """What outlines mean; "" if there are none, or if the line on what is drawn says only which intervals may be incomplete."""
        chart = self.chart
        if not isinstance(chart, TimeSeriesChart) or not chart.incomplete_note:
            return ""
        is_said = not self.claim and chart.hint.partition(". ")[0] == chart.incomplete_note
        return "" if is_said else gettext("outlined: incomplete")

    @property
    def definition(self) -> Definition | None:
        """The definition that explains the chart."""
        name = CHARTS[self.kind].definition
        return DEFINITIONS[name] if name else None

    @property
    def licence_notices(self) -> list[str]:
        """The lines of the caption that a licence requires wherever the chart is shown."""
        return [line for line in self.chart.caption if line in scoring_notes.licence_notices()]

    @cached_property
    def columns(self) -> list[table_format.TableColumn]:
        """The columns of the table with their headings."""
        return table_format.build_columns(self.table, self.kind, self.query, self.interval)

    def format_columns(self, max_rows: int) -> dict[str, list[str]]:
        """Return the first rows of each column of the table, formatted for people."""
        return table_format.format_columns(self.table.head(max_rows), self.kind, self.query, self.labels)

    @cached_property
    def shown_time(self) -> tuple[datetime, datetime] | None:
        """The time from the first to the last shown post of all accounts in the chosen period, None without posts."""
        firsts, lasts = ([moment for moment in self.coverage[end] if moment] for end in ("first", "last"))
        if not firsts:
            return None
        since, until = self.query.span
        first, last = (max(firsts), min(lasts)) if self.query.window == "common" else (min(firsts), max(lasts))
        shown_time = max(first, since or first), min(last, until or last)
        return shown_time if shown_time[0] <= shown_time[1] else None

    @cached_property
    def link_column(self) -> str:
        """The column whose cells link to the posts behind their row; empty if there is none."""
        candidates = ("posts", "posts_now", *self.table.columns[1:])
        return next((name for name in candidates if name in self.table.columns), "") if any(self.post_queries) else ""

    def select_exported_rows(self) -> pl.DataFrame:
        """Return the table without what networks' terms forbid in a file."""
        return sharing_terms.redact_table(self.table, self.query.users)

    def select_coverage(self) -> pl.DataFrame:
        """Return coverage: account, asked, fetched, first, last, cut_by, name."""
        return self.coverage[["account", "asked", "fetched", "first", "last", "cut_by", "name"]]

    def describe(self) -> dict[str, Any]:
        """Return the public contract's JSON document without its data."""
        query_json = self.query.to_json() | {"interval": self.interval}
        return describe_table(query_json, self.select_coverage(), self.notes, self.fetched_at)
