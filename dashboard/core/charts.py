"""The chart registry: every kind of chart, described in plain values, so that routes and forms can read it without loading polars.

A chart's entry is all that routes, pages, exports, OpenAPI and the documentation know about it. What it draws is not here: each entry
names its builder, which is imported with the first question.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pkgutil import resolve_name
from typing import Any, Literal

from dashboard.core.columns import COLUMNS, Column
from dashboard.core.formatting.texts import NO_BREAK_SPACE
from dashboard.core.messages import Translated, translatable
from dashboard.core.registry import Registry


@dataclass(frozen=True)
class ChartKind:
    """A kind of chart: its name in URLs, what it shows, what it needs, and where its builder is.

    `builder` is written as `package.module:function`; the function takes a `reports.analysis.Analysis` and returns a
    `reports.chart_builders.result.ChartResult`. `description` is one sentence, or a few, for the documentation.
    """

    name: str
    description: str
    builder: str
    has_intervals: bool = False  # its table is cut into intervals, so its answer names their width
    answers_network_counts: bool = False  # a network's own counts are enough, no posts are needed
    needs_posts: bool = False  # it needs each post, so it can't be drawn from sums of posts that were analyzed before
    uses_labels: bool = False  # by the method `model` it's drawn from the labels of posts
    compares_methods: bool = False  # it sets a model beside the other methods, and does without one if it must
    heading: Translated = Translated("")  # of its own page, in front of the accounts; the name if empty
    question: str = ""  # what it answers, for the manual; the description if empty
    needs_previous_period: bool = False  # of a question with a start and an end it also needs the equally long time before
    uses_measure: bool = False  # it draws the chosen measure of sentiment
    has_language_rows: bool = False  # its table has a row per language of accounts that post in several, and then a column for it
    section: str = ""  # of the report, one of SECTIONS or "about"; empty if the chart has only its own page
    card: Literal["full", "main", "half", "side"] = "full"  # how wide it is in its section of a report about one or two accounts
    definition: str = ""  # the entry of `core.definitions` that explains it; empty if there is none
    columns: tuple[Column, ...] = ()  # of its table: those that `core.column_descriptions` doesn't have, or that mean something else here

    @property
    def title(self) -> str:
        """Return the name as programmers read it, in the API documentation."""
        return self.name.replace("_", " ").capitalize()

    def page_heading(self, accounts: str) -> str:
        """Return the heading of its own page: what it shows, and of which accounts."""
        return f"{self.heading or self.title}{NO_BREAK_SPACE}– {accounts}"

    def load_builder(self) -> Callable[[Any], Any]:
        """Import and return the builder."""
        builder: Callable[[Any], Any] = resolve_name(self.builder)
        return builder


SECTIONS = {  # of the report, with their titles
    "activity": translatable("Activity"),
    "sentiment": translatable("Sentiment"),
    "why": translatable("Why"),
    "audience": translatable("Audience"),
}
CHARTS: Registry[ChartKind] = Registry("chart")

CHARTS.register(
    ChartKind(
        "frequency",
        "Posts per interval. Events are marked.",
        "dashboard.reports.chart_builders.frequency:build_frequency",
        section="activity",
        card="main",
        heading=translatable("Posts over time"),
        question="How often do they post?",
        has_intervals=True,
        answers_network_counts=True,
        definition="posts",
    )
)
CHARTS.register(
    ChartKind(
        "sentiment",
        "How those posts sound, per interval. Events are marked.",
        "dashboard.reports.chart_builders.sentiment:build_sentiment",
        section="sentiment",
        heading=translatable("Sentiment over time"),
        question="How do those posts sound over time?",
        has_intervals=True,
        uses_labels=True,
        uses_measure=True,
        has_language_rows=True,
        definition="sentiment",
    )
)
CHARTS.register(
    ChartKind(
        "compare",
        "This period against the one before: posts per day, balance per post and positive share, each with its 95% interval. "
        "The period before is the equally long one if `since` and `until` are both given. Otherwise the newer half of the posts is "
        "compared with the older half.",
        "dashboard.reports.chart_builders.compare:build_comparison",
        heading=translatable("Change against the previous period"),
        question="What changed against the period before?",
        uses_labels=True,
        needs_previous_period=True,
        definition="change",
    )
)
CHARTS.register(
    ChartKind(
        "events",
        "Intervals unlike the account’s own history, with the words that came with them.",
        "dashboard.reports.chart_builders.events:build_events",
        heading=translatable("Unusual periods"),
        question="When was something unlike the account’s usual self, and which words came with it?",
        has_intervals=True,
        uses_labels=True,
        definition="usual",
    )
)
CHARTS.register(
    ChartKind(
        "rhythm",
        "Posts by weekday and hour, in the question’s time zone.",
        "dashboard.reports.chart_builders.rhythm:build_rhythm",
        section="activity",
        card="side",
        heading=translatable("When they post"),
        question="On which weekdays and at which hours do they post?",
        definition="rhythm",
    )
)
CHARTS.register(
    ChartKind(
        "words",
        "The positive and negative words behind the sentiment, and which of them are typical of one account.",
        "dashboard.reports.chart_builders.words:build_words",
        section="why",
        card="half",
        heading=translatable("Words behind the sentiment"),
        question="Which positive and negative words make the sentiment, and which are typical of one account?",
        needs_posts=True,
        uses_labels=True,
        definition="typical",
    )
)
CHARTS.register(
    ChartKind(
        "methods",
        "Every sentiment method applied to the same posts: how positive each finds them, and how far they agree.",
        "dashboard.reports.chart_builders.method_comparison:build_method_comparison",
        section="about",
        heading=translatable("Do the methods agree?"),
        question="How positive does each sentiment method find these posts, and how far do the methods agree?",
        needs_posts=True,
        compares_methods=True,
        has_language_rows=True,
        definition="agreement",
    )
)
CHARTS.register(
    ChartKind(
        "engagement",
        "Reactions against sentiment, where the network counts reactions.",
        "dashboard.reports.chart_builders.engagement:build_engagement",
        section="audience",
        card="half",
        heading=translatable("Which posts get reactions?"),
        question="Do posts that sound positive or negative get more reactions?",
        needs_posts=True,
        uses_labels=True,
        definition="reactions",
    )
)


def find_column(name: str, table: str) -> Column:
    """Return a column as it is in the table of a kind of chart, or in the table “posts” or “coverage”.

    The chart's own columns come before those that all tables share. Raises UnknownEntry if neither has the name.
    """
    own_columns = CHARTS[table].columns if table in CHARTS else ()
    return next((column for column in own_columns if column.name == name), None) or COLUMNS[name].for_chart(table)


def first_countable_chart() -> ChartKind:
    """Return the chart that answers a question about a network's own counts."""
    return next(chart for chart in CHARTS if chart.answers_network_counts)
