"""A chart that isn't Chorus's own, complete in one module: its table, its drawing, its builder, and its entry with a column of its own.

It counts the letters of each account's posts.
"""

import polars as pl

from dashboard.charts.context import ChartContext
from dashboard.charts.spec.bars import Bar, BarChart
from dashboard.core.charts import ChartKind
from dashboard.core.columns import Column
from dashboard.reports.analysis import Analysis
from dashboard.reports.chart_builders.result import ChartResult

LETTERS = Column("letters", int, "Letters in all posts", "Unicode characters of the account’s posts.", unit="characters")
TOY = ChartKind(
    "toy", "How many letters each account's posts have.", "tests.support.toy_chart:build_toy", section="audience", columns=(LETTERS,)
)


def count_letters(posts: pl.DataFrame) -> pl.DataFrame:
    """Return account, posts and letters: a row per account with posts."""
    letters = pl.col("text").str.len_chars().sum().cast(pl.Int64)
    return posts.group_by("account", maintain_order=True).agg(posts=pl.len().cast(pl.Int64), letters=letters)


def toy_chart(table: pl.DataFrame, context: ChartContext) -> BarChart:
    """Draw one bar per account."""
    rows = {row["account"]: row["letters"] for row in table.iter_rows(named=True)}
    bars = {account: [Bar("letters", letters, f"{letters} letters")] for account, letters in rows.items()}
    return BarChart(
        kind="toy",
        title="Letters written",
        caption=tuple(context.caption),
        alt=f"{sum(rows.values())} letters in all.",
        hint="A bar for each account",
        panels=context.build_panels(bars),
        x_title="Letters",
    )


def build_toy(analysis: Analysis) -> ChartResult:
    """Return the letters of the shown posts."""
    table = count_letters(analysis.filtered_posts)
    behind = [(("account", account),) for account in table["account"]]
    return ChartResult(table, toy_chart(table, analysis.chart_context), ["Letters are counted as Unicode characters."], behind)
