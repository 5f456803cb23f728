"""The entries of the column registry: what every column of every table means, described once, in the order of the documentation.

A column that means the same everywhere has one entry; what is different in one kind of chart is in its `in_charts`. No code belongs here.
"""

from datetime import date, datetime
from functools import partial

from dashboard.core.columns import COLUMNS, Column, ColumnInChart
from dashboard.core.formatting.dates import format_hours, format_weekday
from dashboard.core.formatting.directions import isolate, isolate_items
from dashboard.core.formatting.numbers import format_decimal, format_score, format_share, format_signed
from dashboard.core.languages import name_language
from dashboard.core.measures import MEASURES
from dashboard.core.messages import gettext, translatable
from dashboard.core.methods import METHODS
from dashboard.core.polarities import name_polarity_within_sentence

_METHOD_UNIT = "words, points or posts, by method"
_SHARE_UNIT = "a fraction of 1"

for _column in (
    Column("account", str, translatable("Account"), "The account in its canonical form.", is_nullable=False, example="demo:small-clocks"),
    Column(
        "language",
        str,
        "Language",
        "ISO 639; null if the account has no row per language. The column is only there if an account has one.",
        format=name_language,
    ),
    Column(
        "author",
        str,
        "Author",
        "The account that posted it, in its canonical form. The column is only there if an account is a series of several.",
        example="file:mentions/small-clocks",
    ),
    Column(
        "start",
        date,
        "{Width}",
        "A date; for hours, a time with its offset.",
        is_nullable=False,
        in_charts={"engagement": ColumnInChart(value_type=datetime, heading=translatable("Posted"), description="")},
    ),
    Column("posts", int, translatable("Posts"), "Posts in the interval or hour of the week; null if unknown.", unit="posts"),
    Column(
        "words",
        int,
        translatable("Words"),
        "Number of words in those posts.",
        unit="words",
        in_charts={"events": ColumnInChart(value_type=str, heading=translatable("Related words"), unit="", format=isolate_items)},
    ),
    Column("matched", int, translatable("Words in the list"), "Words in the method’s list; null if the method has no list.", unit="words"),
    Column(
        "positive",
        int,
        "Positive {unit}",
        "Positive words, points or posts, depending on the method.",
        unit=_METHOD_UNIT,
        in_charts={"methods": ColumnInChart(heading=translatable("Positive posts"), unit="posts")},
    ),
    Column(
        "negative",
        int,
        "Negative {unit}",
        "Negative words, points or posts, depending on the method.",
        unit=_METHOD_UNIT,
        in_charts={"methods": ColumnInChart(heading=translatable("Negative posts"), unit="posts")},
    ),
    Column("neutral", int, translatable("Neutral posts"), "Posts that the method rates neither positive nor negative.", unit="posts"),
    Column(
        "value",
        float,
        "{Measure}",
        "The requested measure; null if it can’t be computed.",
        unit="that of the measure",
        measured="value",
        definition="{measure}",
        in_charts={"events": ColumnInChart(heading=translatable("Value"), definition="")},
    ),
    Column(
        "measure",
        str,
        translatable("Measure"),
        "What the row measures: posts, sentiment, posts_per_day, net_per_post or positive_share.",
        format=lambda name: MEASURES[name].title,
    ),
    Column(
        "before",
        float,
        translatable("Before"),
        "Value in the earlier period; null if there is nothing to measure.",
        unit="that of the measure",
        measured="value",
    ),
    Column("now", float, translatable("Now"), "Value in the current period.", unit="that of the measure", measured="value"),
    Column(
        "change",
        float,
        translatable("Change"),
        "now ÷ before − 1 for posts_per_day, otherwise now − before; null if either is unknown or before is 0 posts.",
        unit="a fraction of 1 for posts_per_day, else that of the measure",
        measured="change",
        definition="change",
    ),
    Column(
        "clear",
        bool,
        translatable("Clear change"),
        "Whether the 95% interval of the change excludes zero, and the change is one of those that Benjamini and Hochberg’s procedure "
        "selects among all rows (at most 5% of them by chance); null if there is no interval.",
        format=lambda is_clear: gettext("yes") if is_clear else gettext("no clear change"),
        definition="change",
    ),
    Column("posts_before", int, translatable("Posts before"), "Posts in the earlier period that the row is based on.", unit="posts"),
    Column("posts_now", int, translatable("Posts now"), "Posts in the current period that the row is based on.", unit="posts"),
    Column(
        "expected",
        float,
        translatable("Usually"),
        "The account’s usual value.",
        unit="that of the measure",
        measured="value",
        definition="usual",
    ),
    Column(
        "z",
        float,
        translatable("Times the usual difference"),
        "Robust z-score: the distance from the usual value in robust standard deviations.",
        unit="standard deviations",
        format=partial(format_signed, decimals=2),
        definition="usual",
    ),
    Column(
        "weekday",
        int,
        translatable("Weekday"),
        "1 (Monday) to 7 (Sunday), in the query’s time zone.",
        format=format_weekday,
        is_code=True,
    ),
    Column(
        "hour",
        int,
        translatable("Hour"),
        "0 to 23, local time in that zone.",
        unit="hours",
        format=lambda hour: format_hours(hour)[0],
        is_code=True,
    ),
    Column(
        "share",
        float,
        translatable("Share"),
        "Share of all posts of the account; null if unknown.",
        unit=_SHARE_UNIT,
        format=format_share,
        in_charts={
            "rhythm": ColumnInChart(heading=translatable("Share of posts"), format=partial(format_share, decimals=1)),
            "methods": ColumnInChart(heading=translatable("Positive share of posts"), definition="share"),
        },
    ),
    Column(
        "word",
        str,
        translatable("Word"),
        "A word or phrase in the method’s list; for the AI model, a word that distinguishes positive from negative posts.",
        format=isolate,
    ),
    Column(
        "polarity",
        str,
        translatable("Sentiment"),
        "positive or negative; for posts also neutral.",
        format=name_polarity_within_sentence,
    ),
    Column("count", int, translatable("Uses"), "How often the account uses the word.", unit="times"),
    Column(
        "contribution",
        float,
        translatable("Contribution"),
        "The word’s contribution in words, points or valences, depending on the method; for the AI model, a z-score.",
        unit="words, points, valences or standard deviations, by method",
        format=format_score,
    ),
    Column(
        "per_1000_words",
        float,
        translatable("Per 1,000 words"),
        "Uses per 1,000 words of the account.",
        unit="times per 1,000 words",
        format=partial(format_decimal, decimals=2),
    ),
    Column(
        "difference",
        float,
        translatable("Difference from others (z)"),
        "z-score of how much more the account uses the word than all other accounts together; null if there is only one account.",
        unit="standard deviations",
        format=partial(format_signed, decimals=2),
        definition="typical",
    ),
    Column(
        "method", str, translatable("Method"), "One of the values of the method parameter.", format=lambda name: METHODS[name].short_title
    ),
    Column(
        "agreement",
        float,
        translatable("Agreement"),
        "Share of posts that another method rates the same, averaged over all other methods; null without posts.",
        unit=_SHARE_UNIT,
        format=format_share,
        definition="agreement",
    ),
    Column(
        "low",
        float,
        translatable("Low (95%)"),
        "Lower end of the 95% interval of the value; null if it can’t be computed.",
        unit="that of the measure",
        measured="value",
        definition="margin",
        in_charts={
            "methods": ColumnInChart(unit=_SHARE_UNIT, format=format_share, measured=""),
            "compare": ColumnInChart(measured="change"),
        },
    ),
    Column(
        "high",
        float,
        translatable("High (95%)"),
        "Upper end of that interval.",
        unit="that of the measure",
        measured="value",
        definition="margin",
        in_charts={
            "methods": ColumnInChart(unit=_SHARE_UNIT, format=format_share, measured=""),
            "compare": ColumnInChart(measured="change"),
        },
    ),
    Column("id", str, translatable("Post"), "The network’s ID of the post."),
    Column("created_at", datetime, translatable("Posted"), "When the post was published (UTC)."),
    Column(
        "date_only",
        bool,
        translatable("Date only"),
        "Whether only the day of the post is known; created_at is then 00:00 UTC of that day.",
        is_nullable=False,
    ),
    Column("text", str, translatable("Text"), ""),
    Column("kind", str, translatable("Kind"), "post, reply, repost or quote."),
    Column("lang", str, translatable("Language"), "The language that the network reports."),
    Column("url", str, translatable("Address"), "Address of the original post."),
    Column(
        "score",
        float,
        translatable("Score"),
        "The post’s sentiment on the method’s own scale; null if the method doesn’t cover its language.",
        unit="that of the method",
        format=format_score,
    ),
    Column(
        "likes", int, translatable("Likes"), "Likes or favourites; like every count, null if the network doesn’t report it.", unit="likes"
    ),
    Column("reposts", int, translatable("Reposts"), "Number of reposts.", unit="reposts"),
    Column("replies", int, translatable("Replies"), "Number of replies.", unit="replies"),
    Column("quotes", int, translatable("Quotes"), "Number of quotes.", unit="quotes"),
    Column("views", int, translatable("Views"), "Number of views; not counted as reactions.", unit="views"),
    Column(
        "reactions",
        int,
        translatable("Reactions"),
        "Sum of the known likes, reposts, replies and quotes; null if none is known.",
        unit="reactions",
        definition="reactions",
    ),
    Column("asked", int, translatable("Asked for"), "Posts requested; null if the network counted.", unit="posts"),
    Column("fetched", int, translatable("Fetched"), "Posts read or counted.", unit="posts"),
    Column("first", datetime, translatable("First post"), "Time of the oldest of them (UTC)."),
    Column("last", datetime, translatable("Last post"), "Time of the most recent of them (UTC)."),
    Column("cut_by", str, translatable("Ended by"), "Why reading stopped; null if every post was read."),
    Column("name", str, translatable("Name"), "The account’s display name; null if unknown.", example="Museum of Small Clocks"),
):
    COLUMNS.register(_column)
