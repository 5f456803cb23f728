"""The entries of the column registry: what every column of every table means, described once, in the order of the documentation.

A column that means the same everywhere has one entry; what is different in one kind of chart is in its `in_charts`. No code belongs here.
"""

from datetime import date, datetime
from functools import partial

from dashboard.core.columns import COLUMNS, Column, ColumnInChart
from dashboard.core.formatting import format_decimal, format_hours, format_score, format_share, format_signed
from dashboard.core.methods import METHODS

_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MEASURE_TITLES = {
    "posts_per_day": "Posts per day",
    "net_per_post": "Balance per post",
    "positive_share": "Positive share",
    "posts": "Posts",
    "sentiment": "Sentiment",
}
_METHOD_UNIT = "words, points or posts, by method"
_SHARE_UNIT = "a fraction of 1"

for _column in (
    Column("account", str, "Account", "The account in its canonical form.", is_nullable=False, example="demo:small-clocks"),
    Column(
        "start",
        date,
        "{Width}",
        "A date; for hours, a time with its offset.",
        is_nullable=False,
        in_charts={"engagement": ColumnInChart(value_type=datetime, heading="Posted", description="")},
    ),
    Column("posts", int, "Posts", "Posts in the interval or hour of the week; null if unknown.", unit="posts"),
    Column(
        "words",
        int,
        "Words",
        "Number of words in those posts.",
        unit="words",
        in_charts={"events": ColumnInChart(value_type=str, heading="Related words", unit="")},
    ),
    Column("matched", int, "Words in the list", "Words in the method's list; null if the method has no list.", unit="words"),
    Column(
        "positive",
        int,
        "Positive {unit}",
        "Positive words, points or posts, depending on the method.",
        unit=_METHOD_UNIT,
        in_charts={"methods": ColumnInChart(heading="Positive posts", unit="posts")},
    ),
    Column(
        "negative",
        int,
        "Negative {unit}",
        "Negative words, points or posts, depending on the method.",
        unit=_METHOD_UNIT,
        in_charts={"methods": ColumnInChart(heading="Negative posts", unit="posts")},
    ),
    Column("neutral", int, "Neutral posts", "Posts that the method rates neither positive nor negative.", unit="posts"),
    Column(
        "value",
        float,
        "{Measure}",
        "The requested measure; null if it can't be computed.",
        unit="that of the measure",
        in_charts={"events": ColumnInChart(heading="Value")},
    ),
    Column(
        "measure",
        str,
        "Measure",
        "What the row measures: posts, sentiment, posts_per_day, net_per_post or positive_share.",
        format=_MEASURE_TITLES.__getitem__,
    ),
    Column("before", float, "Before", "Value in the earlier period; null if there is nothing to measure.", unit="that of the measure"),
    Column("now", float, "Now", "Value in the current period.", unit="that of the measure"),
    Column(
        "change",
        float,
        "Change",
        "now ÷ before − 1 for posts_per_day, otherwise now − before.",
        unit="a fraction of 1 for posts_per_day, else that of the measure",
    ),
    Column("posts_before", int, "Posts before", "Posts in the earlier period that the row is based on.", unit="posts"),
    Column("posts_now", int, "Posts now", "Posts in the current period that the row is based on.", unit="posts"),
    Column("expected", float, "Usually", "The account's usual value.", unit="that of the measure"),
    Column(
        "z",
        float,
        "Robust z-score",
        "Distance from the usual value in robust standard deviations.",
        unit="standard deviations",
        format=partial(format_signed, decimals=2),
    ),
    Column(
        "weekday",
        int,
        "Weekday",
        "1 (Monday) to 7 (Sunday), in the query's time zone.",
        format=lambda day: _WEEKDAYS[day - 1],
        is_code=True,
    ),
    Column(
        "hour",
        int,
        "Hour",
        "0 to 23, local time in that zone.",
        unit="hours",
        format=lambda hour: format_hours(hour)[0],
        is_code=True,
    ),
    Column(
        "share",
        float,
        "Share",
        "Share of all posts of the account; null if unknown.",
        unit=_SHARE_UNIT,
        format=format_share,
        in_charts={
            "rhythm": ColumnInChart(heading="Share of posts", format=partial(format_share, decimals=1)),
            "methods": ColumnInChart(heading="Positive share of posts"),
        },
    ),
    Column(
        "word",
        str,
        "Word",
        "A word or phrase in the method's list; for the AI model, a word that distinguishes positive from negative posts.",
    ),
    Column("polarity", str, "Sentiment", "positive or negative; for posts also neutral."),
    Column("count", int, "Uses", "How often the account uses the word.", unit="times"),
    Column(
        "contribution",
        float,
        "Contribution",
        "The word's contribution in words, points or valences, depending on the method; for the AI model, a z-score.",
        unit="words, points, valences or standard deviations, by method",
        format=format_score,
    ),
    Column(
        "per_1000_words",
        float,
        "Per 1,000 words",
        "Uses per 1,000 words of the account.",
        unit="times per 1,000 words",
        format=partial(format_decimal, decimals=2),
    ),
    Column(
        "difference",
        float,
        "Difference from others (z)",
        "z-score of how much more the account uses the word than all other accounts together; null if there is only one account.",
        unit="standard deviations",
        format=partial(format_signed, decimals=2),
    ),
    Column("method", str, "Method", "One of the values of the method parameter.", format=lambda name: METHODS[name].short_title),
    Column(
        "agreement",
        float,
        "Agreement",
        "Share of posts that another method rates the same, averaged over all other methods; null without posts.",
        unit=_SHARE_UNIT,
        format=format_share,
    ),
    Column(
        "low",
        float,
        "Low (95%)",
        "Lower end of the 95% interval of the value; null if it can't be computed.",
        unit="that of the measure",
        in_charts={"methods": ColumnInChart(unit=_SHARE_UNIT, format=format_share)},
    ),
    Column(
        "high",
        float,
        "High (95%)",
        "Upper end of that interval.",
        unit="that of the measure",
        in_charts={"methods": ColumnInChart(unit=_SHARE_UNIT, format=format_share)},
    ),
    Column("id", str, "Post", "The network's ID of the post."),
    Column("created_at", datetime, "Posted", "When the post was published (UTC)."),
    Column("text", str, "Text", ""),
    Column("kind", str, "Kind", "post, reply, repost or quote."),
    Column("lang", str, "Language", "The language that the network reports."),
    Column("url", str, "Address", "Address of the original post."),
    Column(
        "score",
        float,
        "Score",
        "The post's sentiment on the method's own scale; null if the method doesn't cover its language.",
        unit="that of the method",
        format=format_score,
    ),
    Column("likes", int, "Likes", "Likes or favourites; like every count, null if the network doesn't report it.", unit="likes"),
    Column("reposts", int, "Reposts", "Number of reposts.", unit="reposts"),
    Column("replies", int, "Replies", "Number of replies.", unit="replies"),
    Column("quotes", int, "Quotes", "Number of quotes.", unit="quotes"),
    Column("views", int, "Views", "Number of views; not counted as reactions.", unit="views"),
    Column(
        "reactions",
        int,
        "Reactions",
        "Sum of the known likes, reposts, replies and quotes; null if none is known.",
        unit="reactions",
    ),
    Column("asked", int, "Asked for", "Posts requested; null if the network counted.", unit="posts"),
    Column("fetched", int, "Fetched", "Posts read or counted.", unit="posts"),
    Column("first", datetime, "First post", "Time of the oldest of them (UTC)."),
    Column("last", datetime, "Last post", "Time of the most recent of them (UTC)."),
    Column("cut_by", str, "Ended by", "Why reading stopped; null if every post was read."),
):
    COLUMNS.register(_column)
