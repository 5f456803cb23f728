"""The chart of methods: how positive each finds the same posts, a panel an account, and how far they agree, in words."""

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from dashboard.charts.definitions.timeline import plural
from dashboard.charts.spec import Bar, Bars, Panel, Style, Where, joined

NAMES = {"bing": "Hu and Liu", "afinn": "AFINN", "vader": "VADER", "model": "Trained model"}
_WORDED = 4  # accounts that the alternative text speaks of
_NUMBERS = {3: "three", 4: "four"}


def methods(
    table: pl.DataFrame, labels: dict[str, str], looks: Mapping[str, Style], caption: Sequence[str], where: Sequence[Where]
) -> Bars:
    """Draw each method's share of positive posts with its interval; `table` is analytics.methods', `where` the posts of each row."""
    bars: dict[str, list[Bar]] = {}
    for row, behind in zip(table.iter_rows(named=True), where, strict=True):
        bars.setdefault(row["account"], []).append(_bar(row, behind))
    panels = tuple(Panel(account, labels[account], looks[account], tuple(bars[account])) for account in labels if account in bars)
    return Bars(
        kind="methods",
        title="The same posts by every method",
        caption=tuple(caption),
        alt=_in_words(panels),
        hint="How positive each method finds the same posts. Lines: 95 % intervals; where they lie apart, the methods disagree",
        panels=panels,
        x_title="Positive posts as a share of positive and negative",
        percent=True,
        dots=True,
    )


def agreement_in_words(pairs: pl.DataFrame, alpha: float | None, judged: pl.DataFrame) -> list[str]:
    """Return how far methods agree; `pairs` is analytics.methods.agreement's, `judged` the posts that they are about."""
    if judged.is_empty():
        return []
    apart = judged.filter(pl.max_horizontal(*_present(judged)) - pl.min_horizontal(*_present(judged)) == 2).height
    rows = pairs.to_dicts()
    chance = f" (Krippendorff's alpha {_signed(alpha)}; 1 is always, 0 is chance)" if alpha is not None else ""
    opposed = f"{f'{apart:,}' if apart else 'none'} {'are' if apart > 1 else 'is'} positive by one method and negative by another"
    alike = rows[0]["agreement"] == rows[-1]["agreement"]
    least = f"{_pair(rows[0])} agree most, on {_share(rows[0])}; {_pair(rows[-1])} least, on {_share(rows[-1])}."
    return [
        f"Any two methods agree on {_share(rows[0])}." if alike else least,
        f"Of {plural(judged.height, 'post')}, {opposed}{chance}.",
    ]


def sampled(every: int, posts: int) -> list[str]:
    """Return what is to be said if only every so many posts are compared."""
    return [f"Of {posts:,} posts every {_ordinal(every)} is compared, for some methods read slowly."] if every > 1 else []


def posts_in_dispute(row: Mapping[str, Any], every: int, read: Where) -> Where:
    """Return which posts are behind a row of the table: the account's, those first on which methods disagree most.

    If only `every` so many of those that are read are compared, no page shows just them.
    """
    return (("account", row["account"]), *read, ("sort", "disagreement")) if every == 1 and row["posts"] else ()


def _bar(row: Mapping[str, Any], where: Where) -> Bar:
    return Bar(NAMES[row["method"]], row["share"], _detail(row), where, row["low"], row["high"])


def _detail(row: Mapping[str, Any]) -> str:
    lines = [NAMES[row["method"]], f"{row['positive']:,} positive, {row['neutral']:,} neutral, {row['negative']:,} negative posts"]
    if row["share"] is not None:
        lines.append(f"{_percent(row['share'])} positive of both ({_percent(row['low'])} to {_percent(row['high'])})")
    if row["agreement"] is not None:
        lines.append(f"agrees with the others on {_percent(row['agreement'])} of posts")
    return "\n".join(lines)


def _in_words(panels: Sequence[Panel]) -> str:
    if not any(bar.value is not None for panel in panels for bar in panel.bars):
        return "There is no post to compare methods by."
    count = _NUMBERS.get(len(panels[0].bars), str(len(panels[0].bars)))
    drawn = f"Dots with intervals: positive posts as a share of positive and negative, by {count} methods, for"
    return " ".join([f"{drawn} {joined([panel.label for panel in panels])}.", *map(_told, panels[:_WORDED])])


def _told(panel: Panel) -> str:
    shares = [f"{bar.label} {_percent(bar.value)}" for bar in panel.bars if bar.value is not None]
    return f"{panel.label}: {joined(shares)}." if shares else f"{panel.label}: no method finds anything positive or negative."


def _present(judged: pl.DataFrame) -> list[str]:
    return [method for method in NAMES if method in judged.columns]


def _pair(row: Mapping[str, Any]) -> str:
    return f"{NAMES[row['first']]} and {NAMES[row['second']]}"


def _share(row: Mapping[str, Any]) -> str:
    kappa = f" (Cohen's kappa {_signed(row['kappa'])})" if row["kappa"] is not None else ""
    return f"{_percent(row['agreement'])} of posts{kappa}"


def _signed(value: float) -> str:
    return f"{value:.2f}".replace("-", "−").replace("−0.00", "0.00")


def _percent(share: float) -> str:
    return f"{share:.0%}".replace("%", " %")


def _ordinal(number: int) -> str:
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10 if number % 100 not in (11, 12, 13) else 0, "th")
    return {2: "second", 3: "third"}.get(number, f"{number}{ending}")
