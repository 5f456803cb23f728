"""The chart of the words behind the sentiment, one panel per account."""

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from dashboard.charts.context import ChartContext
from dashboard.charts.definitions.listed_names import list_names
from dashboard.charts.spec.bars import Bar, BarChart, BarPanel
from dashboard.charts.spec.chart import PostQuery
from dashboard.core.formatting.counts import format_count, format_times
from dashboard.core.formatting.directions import isolate
from dashboard.core.formatting.numbers import format_decimal, format_number, format_signed
from dashboard.core.formatting.texts import quote
from dashboard.core.messages import gettext
from dashboard.core.methods import METHODS
from dashboard.core.polarities import name_polarity_within_sentence

_MAX_WORDS_PER_SIDE, _MAX_WORDS_PER_SIDE_CROWDED = 8, 5  # of a panel: positive, and negative
_MAX_UNCROWDED_PANELS = 4
_MAX_DESCRIBED_ACCOUNTS = 4
_MAX_DESCRIBED_WORDS = 4  # per account, in the sentence below the chart
_SIGNIFICANT_Z = 1.96  # standard errors
_Row = Mapping[str, Any]  # of the table of words


def word_chart(table: pl.DataFrame, context: ChartContext, base_query: PostQuery) -> BarChart:
    """Draw each account's strongest positive and negative words; `base_query` selects the scored posts."""
    method, texts = context.query.method, METHODS[context.query.method].word_chart
    rows_by_account = _select_drawn_words(table, context.labels)
    panels = tuple(
        BarPanel(
            account,
            context.labels[account],
            context.styles[account],
            tuple(_build_bar(row, method, base_query) for row in rows),
        )
        for account, rows in rows_by_account.items()
    )
    key = gettext("bold: typical of this account") if any(bar.is_emphasized for panel in panels for bar in panel.bars) else ""
    return BarChart(
        kind="words",
        title=texts.title,
        caption=tuple(context.caption),
        alt=_build_alt_text(panels, _describe_typical_words(rows_by_account, context.labels)),
        hint=f"{texts.hint}. {key[0].upper()}{key[1:]}" if key else texts.hint,
        key=key,
        panels=panels,
        x_title=texts.axis_title,
        integer_values=METHODS[method].has_whole_scores,
        is_mirrored=True,
        values_in_labels=True,
    )


def word_post_query(row: Mapping[str, Any], base_query: PostQuery) -> PostQuery:
    """Return the query for the scored posts behind a row of the table."""
    return ("account", row["account"]), ("word", row["word"]), *base_query


def describe_distinctive_words(table: pl.DataFrame, labels: Mapping[str, str]) -> list[str]:
    """Return a sentence per account with the words that it uses more than the others do, the most typical first.

    These words are bold in the chart. Only the first few accounts are described, and those without such words are left out.
    """
    return _describe_typical_words(_select_drawn_words(table, labels), labels)


def _describe_typical_words(rows_by_account: Mapping[str, Sequence[_Row]], labels: Mapping[str, str]) -> list[str]:
    first_accounts = [account for account in list(labels)[:_MAX_DESCRIBED_ACCOUNTS] if account in rows_by_account]
    typical_words = {account: _list_typical_words(rows_by_account[account])[:_MAX_DESCRIBED_WORDS] for account in first_accounts}
    return [
        gettext("Typical of %(account)s: %(words)s.", account=labels[account], words=list_names([quote(word) for word in words]))
        for account, words in typical_words.items()
        if words
    ]


def _list_typical_words(rows: Sequence[_Row]) -> list[str]:
    """Return the words of an account that it uses more than the others do, the most typical first."""
    typical_rows = [row for row in rows if (row["difference"] or 0) >= _SIGNIFICANT_Z]
    return list(dict.fromkeys(row["word"] for row in sorted(typical_rows, key=lambda row: (-row["difference"], row["word"]))))


def _select_drawn_words(table: pl.DataFrame, labels: Mapping[str, str]) -> dict[str, list[_Row]]:
    """Return the rows that the panel of each account shows, from the most positive to the most negative: the first of each polarity."""
    max_per_side = _MAX_WORDS_PER_SIDE if len(labels) <= _MAX_UNCROWDED_PANELS else _MAX_WORDS_PER_SIDE_CROWDED
    first_rows = table.filter(pl.int_range(pl.len()).over("account", "polarity") < max_per_side)
    rows = first_rows.sort("contribution", "word", descending=[True, False]).to_dicts()
    drawn_rows: dict[str, list[_Row]] = {account: [row for row in rows if row["account"] == account] for account in labels}
    return {account: rows for account, rows in drawn_rows.items() if rows}


def _build_bar(row: Mapping[str, Any], method: str, base_query: PostQuery) -> Bar:
    post_query = word_post_query(row, base_query)
    contribution = row["contribution"]
    return Bar(
        isolate(row["word"]),
        contribution,
        _format_tooltip(row, method),
        post_query,
        semantic_color="up" if contribution > 0 else "down",
        value_text=format_decimal(abs(contribution), 0 if METHODS[method].has_whole_scores else 1),
        is_emphasized=(row["difference"] or 0) >= _SIGNIFICANT_Z,
    )


def _format_tooltip(row: Mapping[str, Any], method: str) -> str:
    lines = [
        f"{quote(row['word'])}, {name_polarity_within_sentence(row['polarity'])}",
        gettext(
            "%(times)s in %(posts)s, %(rate)s of %(thousand)s words",
            times=format_times(row["count"]),
            posts=format_count(row["posts"], "post"),
            rate=format_decimal(row["per_1000_words"], 1),
            thousand=format_number(1000),
        ),
        METHODS[method].word_chart.format_contribution(row["contribution"]),
        _format_difference(row["difference"]),
    ]
    return "\n".join(filter(None, lines))


def _format_difference(value: float | None) -> str:
    if value is None:
        return ""
    z_score = format_signed(value, 1)
    if abs(value) < _SIGNIFICANT_Z:
        return gettext("about as often as the others (z = %(z)s)", z=z_score)
    if value > 0:
        return gettext("more often than the others (z = %(z)s)", z=z_score)
    return gettext("less often than the others (z = %(z)s)", z=z_score)


def _build_alt_text(panels: Sequence[BarPanel], typical_words: Sequence[str]) -> str:
    if not panels:
        return gettext("There are no positive or negative words to show.")
    names = list_names([panel.label for panel in panels])
    summary = gettext("Bar chart of the words that contribute most to the sentiment, for %(accounts)s.", accounts=names)
    return " ".join([summary, *(_describe_panel(panel) for panel in panels[:_MAX_DESCRIBED_ACCOUNTS]), *typical_words])


def _describe_panel(panel: BarPanel) -> str:
    positive_words = [_quote_word(bar) for bar in panel.bars if bar.semantic_color == "up"][:3]
    negative_words = [_quote_word(bar) for bar in reversed(panel.bars) if bar.semantic_color == "down"][:3]
    positive, negative = (list_names(words) if words else gettext("none") for words in (positive_words, negative_words))
    values = {"account": panel.label, "positive": positive, "negative": negative}
    return gettext("%(account)s: positive %(positive)s; negative %(negative)s.", **values)


def _quote_word(bar: Bar) -> str:
    return quote(bar.label)
