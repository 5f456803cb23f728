"""What the numbers on pages mean: each term defined once, in words that a busy reader understands.

“About these numbers”, the headings of tables, the API page and the manual read this. How a number is computed belongs in `analytics`,
and the statistics behind it in the manual.
"""

from dataclasses import dataclass

from dashboard.core.messages import Translated, translatable
from dashboard.core.registry import Registry


@dataclass(frozen=True)
class Definition:
    """A term, what it means in one or two sentences, and its formula, "" if it has none."""

    name: str
    term: Translated = Translated()
    text: Translated = Translated()
    formula: Translated = Translated("")

    @property
    def anchor(self) -> str:
        """Return the ID of its entry on a page."""
        return f"about-{self.name}"

    @property
    def summary(self) -> str:
        """Return the text with its formula, for a title that appears on a heading."""
        return f"{self.text} {self.formula}".rstrip()


DEFINITIONS: Registry[Definition] = Registry("definition")

for _definition in (
    Definition(
        "posts",
        translatable("Posts and posts per day"),
        translatable(
            "Posts, replies, reposts and quotes, unless you leave a type out. Posts per day covers the days from the first to the "
            "last post shown."
        ),
        translatable("posts ÷ days"),
    ),
    Definition(
        "sentiment",
        translatable("Sentiment"),
        translatable(
            "How positive or negative the wording of a post is, according to the method you choose. It doesn’t recognise irony, or "
            "whom a post is about."
        ),
    ),
    Definition(
        "mean",
        translatable("Balance per post"),
        translatable(
            "By how much the positive words of an average post outweigh the negative ones. For Weighted words these are points; Rules"
            " and the AI model give each post a score, and this is their mean."
        ),
        translatable("(positive − negative words) ÷ posts"),
    ),
    Definition(
        "net",
        translatable("Total balance"),
        translatable("The same for all posts together. It grows with the number of posts, so it favours accounts that post a lot."),
        translatable("positive − negative"),
    ),
    Definition(
        "share",
        translatable("Positive share"),
        translatable(
            "How much of what is positive or negative is positive: words, points or posts, depending on the method. Whatever is "
            "neutral doesn’t count."
        ),
        translatable("positive ÷ (positive + negative)"),
    ),
    Definition(
        "usual",
        translatable("Usual and unusual"),
        translatable(
            "Usual is the median of the account’s own days (or hours, weeks, months). A day is unusual if it is more than 3.5 times "
            "the usual difference away from it; at least 8 complete days are needed."
        ),
        translatable("|value − median| > 3.5 × 1.4826 × median absolute deviation"),
    ),
    Definition(
        "change",
        translatable("Clear change"),
        translatable(
            "Two periods of the same account, compared. A change is clear if its margin of error doesn’t include zero and if it stands out "
            "among all changes of the report, because the more are compared, the more are large by chance."
        ),
    ),
    Definition(
        "margin",
        translatable("Margin of error (95%)"),
        translatable(
            "If you could repeat the measurement with other posts of the account, 95 of 100 such ranges would contain the true value."
            " The fewer posts, the wider the range."
        ),
    ),
    Definition(
        "rhythm",
        translatable("When they post"),
        translatable("Posts by weekday and hour in your time zone. Darker squares have more posts; each account has its own scale."),
    ),
    Definition(
        "typical",
        translatable("Typical word"),
        translatable(
            "A word that an account uses clearly more often than the other accounts of the report, given how much each of them writes."
        ),
    ),
    Definition(
        "reactions",
        translatable("Reactions"),
        translatable(
            "Likes, reposts, replies and quotes of a post, as far as its network counts them. The typical number is the median: half "
            "of the posts have more, half have fewer."
        ),
        translatable("likes + reposts + replies + quotes"),
    ),
    Definition(
        "agreement",
        translatable("Agreement of methods"),
        translatable(
            "Two methods agree on a post if both find it positive, negative or neutral. Krippendorff’s alpha sums that up for all "
            "methods: 1 is full agreement, 0 is chance."
        ),
    ),
):
    DEFINITIONS.register(_definition)
