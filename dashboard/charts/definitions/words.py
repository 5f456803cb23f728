"""Charts of words: those that made the sentiment, a panel an account."""

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from dashboard.charts.definitions.timeline import plural
from dashboard.charts.spec import Bar, Bars, Panel, Style, Where, joined

_MOST, _LEAST, _CROWD = 8, 5, 4  # words of each side in a panel; in each of more panels than _CROWD
_WORDED = 4  # accounts that words are spent on
_NAMED = 4  # words of an account in the sentence beneath
_APART = 1.96  # standard errors
_MORE = " *"  # after a word that the account uses more than the others do
_TITLES = {
    "bing": "Words that made the sentiment, by Hu and Liu's word list",
    "vader": "Words that made the sentiment, by VADER's lexicon",
    "afinn": "Words that made the sentiment, by AFINN",
    "model": "Words that tell positive from negative posts, by a trained model",
}
_AXES = {
    "bing": "Times used: positive to the right, negative to the left",
    "vader": "Sum of valences (times used × strength of the word)",
    "afinn": "Points (times used × points of the word)",
    "model": "z-score of the log-odds: of positive posts to the right",
}
_HINTS = {
    "bing": "How often each account used its commonest positive and negative words",
    "vader": "What each word adds by itself. VADER's rules for negation, degree and capitals come on top, so this is an approximation",
    "afinn": "What each word or phrase adds: how often it is used, times its points",
    "model": "The model reads whole posts; chance alone would not put these words into so many positive, or negative, ones. "
    "Words of grammar are left out",
}


def words(
    table: pl.DataFrame, labels: dict[str, str], looks: Mapping[str, Style], caption: Sequence[str], *, method: str, read: Where
) -> Bars:
    """Draw each account's strongest positive and negative words; `table` is analytics.words', `read` what narrows posts to those read."""
    drawn = _drawn(table, labels)
    panels = tuple(
        Panel(account, labels[account], looks[account], tuple(_bar(row, method, read) for row in rows.iter_rows(named=True)))
        for account, rows in drawn.items()
        if rows.height
    )
    return Bars(
        kind="words",
        title=_TITLES[method],
        caption=tuple(caption),
        alt=_in_words(panels, table, labels),
        hint=_HINTS[method]
        + ". * the account uses it more than the others do" * any(bar.label.endswith(_MORE) for panel in panels for bar in panel.bars),
        panels=panels,
        x_title=_AXES[method],
        whole=method in ("bing", "afinn"),
    )


def strongest(rows: pl.DataFrame, most: int) -> pl.DataFrame:
    """Return the first words of each side, from the most positive to the most negative."""
    sides = [rows.filter(polarity=side).head(most) for side in ("positive", "negative")]
    return pl.concat(sides).sort("contribution", "word", descending=[True, False])


def posts_of_word(row: Mapping[str, Any], read: Where) -> Where:
    """Return which posts are behind a row of the table, out of those that are read."""
    return ("account", row["account"]), ("word", row["word"]), *read


def distinguishing(table: pl.DataFrame, labels: Mapping[str, str]) -> list[str]:
    """Return of the first few accounts, in words, which of their drawn words each uses more than the others do, the most telling first.

    They are starred in the picture. Nothing is said of an account that stands out by no word.
    """
    drawn = list(_drawn(table, labels).items())[:_WORDED]
    own = {account: rows.filter(pl.col("difference") >= _APART) for account, rows in drawn}
    told = {account: rows.sort("difference", "word", descending=[True, False])["word"] for account, rows in own.items()}
    return [
        f"{labels[account]} uses {joined([f'“{word}”' for word in said.unique(maintain_order=True)[:_NAMED]])} more than the others do."
        for account, said in told.items()
        if said.len()
    ]


def _drawn(table: pl.DataFrame, labels: Mapping[str, str]) -> dict[str, pl.DataFrame]:
    """Return the rows of each account that its panel shows."""
    most = _MOST if len(labels) <= _CROWD else _LEAST
    return {account: strongest(table.filter(account=account), most) for account in labels}


def _bar(row: Mapping[str, Any], method: str, read: Where) -> Bar:
    where = posts_of_word(row, read)
    label = row["word"] + _MORE * ((row["difference"] or 0) >= _APART)
    return Bar(label, row["contribution"], _detail(row, method), where, tone="up" if row["contribution"] > 0 else "down")


def _detail(row: Mapping[str, Any], method: str) -> str:
    lines = [
        f"“{row['word']}”, {row['polarity']}",
        f"{_times(row['count'])} in {plural(row['posts'], 'post')}, {row['per_1000_words']:.1f} of 1,000 words",
        _contribution(row["contribution"], method),
        _difference(row["difference"]),
    ]
    return "\n".join(filter(None, lines))


def _contribution(value: float, method: str) -> str:
    shown = f"{value:+,.1f}".replace("-", "−")
    return {
        "bing": "",
        "afinn": f"{value:+,.0f} point{'s' * (abs(value) != 1)}".replace("-", "−"),
        "vader": f"{shown} of valence",
        "model": f"z = {shown} between positive and negative posts",
    }[method]


def _difference(value: float | None) -> str:
    if value is None:
        return ""
    shown = f"(z = {value:+.1f})".replace("-", "−")
    if abs(value) < _APART:
        return f"about as often as the others {shown}"
    return f"{'more' if value > 0 else 'less'} often than the others {shown}"


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count:,} times"


def _in_words(panels: Sequence[Panel], table: pl.DataFrame, labels: Mapping[str, str]) -> str:
    if not panels:
        return "There is no positive or negative word to draw."
    drawn = f"Bars of the words that count most for and against, for {joined([panel.label for panel in panels])}."
    return " ".join([drawn, *(_leading(panel) for panel in panels[:_WORDED]), *distinguishing(table, labels)])


def _leading(panel: Panel) -> str:
    up = [_quoted(bar) for bar in panel.bars if bar.tone == "up"][:3]
    down = [_quoted(bar) for bar in reversed(panel.bars) if bar.tone == "down"][:3]
    return f"{panel.label}: positive {joined(up) if up else 'none'}; negative {joined(down) if down else 'none'}."


def _quoted(bar: Bar) -> str:
    return f"“{bar.label.removesuffix(_MORE)}”"
