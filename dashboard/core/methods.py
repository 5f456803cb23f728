"""What a sentiment method is, and the registry of all methods. Which methods exist, `analytics.methods.registry` says.

Everything that differs between methods is a field here, so nobody else needs to know a method by name. No polars is loaded here.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Protocol

from dashboard.core.messages import Translated, gettext, translatable
from dashboard.core.readings import Reading
from dashboard.core.registry import Registry

if TYPE_CHECKING:
    import polars as pl

DEFAULT_METHOD = "bing"  # what a question that names no method is answered by; it needs a list of words, and no labeller
MULTILINGUAL_METHOD = "model"  # what reads other languages than English
PredictProbabilities = Callable[
    [Sequence[str]], Sequence[Sequence[float]]
]  # texts -> a row each: probability of negative, neutral, positive


class Scorer(Protocol):
    """How a method scores posts, finds words in them and weighs these. `analytics.methods.scorer` has one for plain lists of words."""

    def __hash__(self) -> int:
        """Tell scorers apart."""

    def digest(self) -> str:
        """Return a digest of everything that scores depend on apart from the post and the labeller: with another one, posts are scored
        again.
        """

    def score(self, posts: "pl.DataFrame", labeller: PredictProbabilities | None = None) -> "pl.DataFrame":
        """Add to each post words, matched (words of the list; null without one), positive, negative (Int64) and score (Float64).

        `hits` (List(String)) has the units of the post that are in the list; null without one.
        """

    def find_units(self) -> "pl.Expr":
        """Return the list of units in the column `text`, in order: what is looked up in the list, or words where there is none."""

    def load_entries(self) -> "pl.DataFrame | None":
        """Return the list: unit (as it is found), word (as it is shown), points (Float64), one row per side of an entry.

        None if the method has no list; then the words that count are those that set its positive posts apart from its negative ones.
        """

    def blank_ignored_text(self, text: str) -> str:
        """Return the text as the method sees it, of the same length or shorter: what the method ignores is blank, and the characters of a
        word are those that its list has.
        """


_BALANCE_TITLES = {
    "words": translatable("Total balance: positive − negative words"),
    "points": translatable("Total balance: positive − negative points"),
    "posts": translatable("Total balance: positive − negative posts"),
}
_SHARE_TITLES = {
    "words": translatable("Positive share: positive words ÷ (positive + negative words)"),
    "points": translatable("Positive share: positive points ÷ (positive + negative points)"),
    "posts": translatable("Positive share: positive posts ÷ (positive + negative posts)"),
}
_SHARE_CLAUSES = {
    "words": translatable("%(share)s positive words"),
    "points": translatable("%(share)s positive points"),
    "posts": translatable("%(share)s of its positive and negative posts were positive"),
}


@dataclass(frozen=True)
class WordChartTexts:
    """What the chart of words says of a method."""

    title: Translated = Translated()
    axis_title: Translated = Translated()
    hint: Translated = Translated()
    format_contribution: Callable[[float], str] = lambda contribution: ""  # what a word adds, for its tooltip


@dataclass(frozen=True, kw_only=True)
class Method:
    """A sentiment method. Texts without a full stop are parts of sentences; `chart_name` follows “by”."""

    name: str  # in URLs and exports; no column of a table of posts has it
    title: Translated = Translated()  # in the form
    short_title: Translated = Translated()  # in charts that compare methods
    label: Translated = Translated()  # at each post
    chart_name: Translated = Translated()  # in the sentence below the title: “…, by rules (VADER)”
    hint: Translated = Translated()  # a sentence for the form
    unit: str  # what counts as positive or negative: words, points or posts
    mean_title: Translated = Translated()  # the axis of the measure `mean`
    score_title: Translated = Translated()  # the axis of a post's score
    word_chart: WordChartTexts
    description: str  # a sentence for the manual
    positive_meaning: str  # what the column `positive` counts, for the manual
    mean_meaning: str  # what the measure `mean` is, for the manual
    load_scorer: Callable[[], Scorer] = field(repr=False)  # called with the first question, because it loads polars
    load_readings: Callable[[], Mapping[str, Reading]] = field(default=dict, repr=False)  # how well its list reads each language, by code
    has_whole_scores: bool = True  # scores are whole numbers, written without decimals
    score_range: tuple[float, float] | None = None  # the least and the greatest score, if there are any
    lexicon_name: Translated = Translated("")  # the list in which words are looked up; empty without one
    attribution: Translated = Translated("")  # the line that every chart carries; {model} stands for the name and version of the labeller
    credit: Translated = Translated("")  # who made it, as a sentence for the end of a report; {model} as above
    languages: Literal["english", "labeller"] = (
        "english"  # what it reads, however well (`load_readings`); `labeller`: a model of somebody's own may read any language
    )
    is_slow: bool = False  # scores only a few thousand posts per second
    needs_labeller: bool = False  # scores with the installation's model

    def axis_title(self, measure: str) -> str:
        """Return the title of the axis of a measure."""
        return {
            "net": gettext(_BALANCE_TITLES.get(self.unit, f"Total balance: positive − negative {self.unit}")),
            "mean": self.mean_title,
            "share": gettext(_SHARE_TITLES.get(self.unit, f"Positive share: positive {self.unit} ÷ (positive + negative {self.unit})")),
        }[measure]

    def describe_share(self, share: str) -> str:
        """Return an account's positive share with what it counts: `52% positive words`."""
        return gettext(_SHARE_CLAUSES.get(self.unit, f"%(share)s of its positive and negative {self.unit} were positive"), share=share)

    def credit_line(self, model_title: str) -> str:
        """Return who made the method; "" if that isn't known, or if the labeller that it needs isn't available."""
        return "" if self.needs_labeller and not model_title else self.credit.replace("{model}", model_title)

    def attribution_line(self, model_title: str) -> str:
        """Return the line that every chart carries, empty if none has to; `model_title` is the name and version of the labeller."""
        return self.attribution.replace("{model}", model_title)


METHODS: Registry[Method] = Registry("method", filled_by="dashboard.analytics.methods.registry")
