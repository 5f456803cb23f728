"""Charts of time: posts, and how they sound."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time
from typing import Any

import polars as pl

from dashboard.charts.spec import Chart, Series, Style, joined

_CROWD = 6  # accounts; the facets of more are low
FEW = 5  # posts; a value of fewer is drawn hollow

HOURS = {"hour": 1, "day": 24, "week": 7 * 24, "month": 30 * 24}
UNITS = {"bing": "words", "vader": "posts", "afinn": "points", "model": "posts"}
_NAMES = {"bing": "Hu and Liu's word list", "vader": "VADER", "afinn": "AFINN", "model": "a trained model"}
_VALUES = {
    ("bing", "net"): "Net sentiment: positive − negative words",
    ("bing", "mean"): "Net sentiment per post: (positive − negative words) ÷ posts",
    ("bing", "share"): "Positive words as a share of positive and negative",
    ("vader", "net"): "Net sentiment: positive − negative posts",
    ("vader", "mean"): "Mean VADER score of posts (−1 to 1)",
    ("vader", "share"): "Positive posts as a share of positive and negative",
    ("afinn", "net"): "Net sentiment: positive − negative points",
    ("afinn", "mean"): "Net sentiment per post: (positive − negative points) ÷ posts",
    ("afinn", "share"): "Positive points as a share of positive and negative",
    ("model", "net"): "Net sentiment: positive − negative posts",
    ("model", "mean"): "Mean of posts: chance of positive − chance of negative (−1 to 1)",
    ("model", "share"): "Positive posts as a share of positive and negative",
}
_HINTS = {
    "net": "Solid: the difference; pale: what it is made of",
    "mean": "Whiskers: 95\u00a0% confidence",
    "share": "Whiskers: 95\u00a0% confidence",
}
TITLES = {"net": "Net sentiment", "mean": "Sentiment per post", "share": "Positive share"}


def frequency(table: pl.DataFrame, labels: dict[str, str], looks: Mapping[str, Style], width: str, caption: Sequence[str]) -> Chart:
    """Draw posts per interval, a line an account.

    `table` is analytics.frequency's with `part` of analytics.intervals.parted, `labels` and `looks` are of each account.
    """
    series = tuple(
        _series(
            account,
            labels[account],
            looks[account],
            rows["start"],
            rows["posts"],
            [_posts(count, width, start) + _in_part(width, part) for start, count, part in rows.iter_rows()],
            hollow=rows["part"],
        )
        for account, rows in _per_account(table.select("account", "start", "posts", "part"), labels)
    )
    return Chart(
        kind="frequency",
        title=f"Posts per {width}",
        mark="line",
        faceted=False,
        series=series,
        y_title=f"Posts per {width}",
        hint=_hollow(series, width),
        hours=HOURS[width],
        caption=tuple(caption),
        alt=_frequency_in_words(series, width),
        whole=True,
    )


def sentiment(
    table: pl.DataFrame,
    labels: dict[str, str],
    looks: Mapping[str, Style],
    width: str,
    caption: Sequence[str],
    *,
    method: str,
    measure: str,
) -> Chart:
    """Draw the measure per interval, a row of bars an account, before pale bars of what it nets.

    `table` is analytics.sentiment's with `part` of analytics.intervals.parted.
    """
    series = tuple(
        _bars(account, labels[account], looks[account], rows, width, method, measure) for account, rows in _per_account(table, labels)
    )
    return Chart(
        kind="sentiment",
        title=f"{TITLES[measure]} per {width}, by {_NAMES[method]}",
        mark="bar",
        faceted=True,
        series=series,
        y_title=_VALUES[method, measure],
        hint=_sentences(_VALUES[method, measure], _HINTS[measure], _crowd(series, measure), _hollow(series, width, few=True)),
        hours=HOURS[width],
        caption=tuple(caption),
        alt=_sentiment_in_words(series, width, _VALUES[method, measure], measure),
        percent=measure == "share",
        whole=measure == "net",
        bounds={"share": (0.0, 1.0), "mean": (-1.0, 1.0) if method in ("vader", "model") else None}.get(measure),
    )


def _per_account(table: pl.DataFrame, labels: dict[str, str]) -> Iterator[tuple[str, pl.DataFrame]]:
    """Yield each account's rows in the order of `labels`, without the account; none for an account without rows."""
    return ((account, table.filter(account=account).drop("account")) for account in labels)


def _bars(account: str, label: str, look: Style, rows: pl.DataFrame, width: str, method: str, measure: str) -> Series:
    details = [_sentiment(row, width, method, measure) for row in rows.iter_rows(named=True)]
    up, down = (rows["positive"].to_list(), (-rows["negative"]).to_list()) if measure == "net" else ([], [])
    low, high = ((), ()) if measure == "net" else (tuple(rows["low"]), tuple(rows["high"]))
    hollow = rows["part"] | rows["posts"].is_between(1, FEW - 1)
    series = _series(account, label, look, rows["start"], rows["value"], details, up, down, hollow)
    return replace(series, low=low, high=high)


def _series(
    account: str,
    label: str,
    look: Style,
    x: pl.Series,
    y: pl.Series,
    details: list[str],
    up: Sequence[float] = (),
    down: Sequence[float] = (),
    hollow: Iterable[bool] = (),
) -> Series:
    x_values = tuple(map(wall_clock, x))
    return Series(account, label, look, x_values, tuple(y), tuple(details), tuple(up), tuple(down), hollow=tuple(hollow))


def wall_clock(start: date) -> datetime:
    """Return a date or a zoned time as the naive time that a clock on the wall shows."""
    return start.replace(tzinfo=None) if isinstance(start, datetime) else datetime.combine(start, time())


def _posts(count: int, width: str, start: date) -> str:
    return f"{plural(count, 'post')}\n{when(start, width)}"


def _sentiment(row: dict[str, Any], width: str, method: str, measure: str) -> str:
    value = "nothing to measure" if row["value"] is None else value_in_words(row["value"], measure)
    value += f" ({_range(row['low'], row['high'], measure)})" if row.get("low") is not None else ""
    sums = f"{row['positive']:,} positive, {row['negative']:,} negative {UNITS[method]}"
    return f"{value}\n{sums}\n{_posts(row['posts'], width, row['start'])}{_in_part(width, row['part'])}"


def _range(low: float, high: float, measure: str) -> str:
    """Return a 95 % interval in words."""
    return f"{value_in_words(low, measure)} to {value_in_words(high, measure)} with 95 % confidence"


def _sentences(*parts: str) -> str:
    return ". ".join(filter(None, parts))


def _crowd(series: Sequence[Series], measure: str) -> str:
    """Say of many accounts why some look flat."""
    much = "; mean or share compares accounts of different size better" * (measure == "net")
    return f"All accounts are on one scale, so those with little of it look flat{much}" if len(series) > _CROWD else ""


def _in_part(width: str, part: bool) -> str:
    return f"\nonly part of the {width} is known" if part else ""


def _hollow(series: Iterable[Series], width: str, *, few: bool = False) -> str:
    """Return what hollow marks are, nothing if there are none."""
    why = [f"fewer than {FEW} posts"] * few + [f"only part of the {width} is known"]
    return f"Hollow: {' or '.join(why)}" if any(any(line.hollow) for line in series) else ""


def value_in_words(value: float, measure: str) -> str:
    """Return a value of a measure as people write it: `+12`, `−0.31`, `64 %`."""
    if measure == "share":
        return f"{value:.0%}".replace("%", " %")
    shown = f"{value:+,.0f}" if measure == "net" else f"{value:+.2f}"
    return shown.replace("-", "−").replace("+0.00", "0.00").replace("−0.00", "0.00") if value or measure == "mean" else "0"


def when(start: date, width: str) -> str:
    """Return an interval in words that follow a number: `on 3 Aug 2026`, `in the week from 3 Aug 2026`, `in August 2026`."""
    if width == "hour":
        return f"in the hour from {start:%H:%M} on {start.day} {start:%b %Y}"
    if width == "month":
        return f"in {start:%B %Y}"
    return f"{'in the week from' if width == 'week' else 'on'} {start.day} {start:%b %Y}"


def short_when(start: date, width: str) -> str:
    """Return an interval in few letters: `3 Aug 2026`, `week of 3 Aug 2026`, `3 Aug 2026 14:00`, `Aug 2026`."""
    if width == "month":
        return f"{start:%b %Y}"
    return f"{'week of ' * (width == 'week')}{start.day} {start:%b %Y}{f' {start:%H:%M}' * (width == 'hour')}"


def _frequency_in_words(series: Sequence[Series], width: str) -> str:
    busy = [line for line in series if line.x]
    if not busy:
        return "There is no post to draw."
    total = {line.label: int(sum(value or 0 for value in line.y)) for line in busy}
    top = max(busy, key=lambda line: total[line.label])
    peak = max(range(len(top.x)), key=lambda at: top.y[at] or 0)
    times = "once" if total[top.label] == 1 else f"{total[top.label]:,} times"
    most = f"{top.label} posted most, {times}" if len(busy) > 1 else f"{top.label} posted {times}"
    return f"{_drawn('Line chart', 'posts', width, busy)} {most}, with {' '.join(top.details[peak].split(chr(10))[:2])}."


def _sentiment_in_words(series: Sequence[Series], width: str, what: str, measure: str) -> str:
    busy = [line for line in series if any(value is not None for value in line.y)]
    if not busy:
        return "There is no sentiment to draw."
    return " ".join(
        [_drawn("Bar charts", what[0].lower() + what[1:], width, busy), *(_extremes(line, width, measure) for line in busy[:6])]
    )


def _extremes(line: Series, width: str, measure: str) -> str:
    known = [(value, at) for at, value in enumerate(line.y) if value is not None]
    (low, worst), (high, best) = min(known), max(known)
    if low == high:
        return f"{line.label} stays at {value_in_words(low, measure)}."
    lowest, highest = (f"{value_in_words(value, measure)} ({short_when(line.x[at], width)})" for value, at in ((low, worst), (high, best)))
    return f"{line.label} is lowest at {lowest} and highest at {highest}."


def _drawn(picture: str, what: str, width: str, busy: Sequence[Series]) -> str:
    first, last = min(line.x[0] for line in busy), max(line.x[-1] for line in busy)
    return f"{picture} of {what}, per {width}, for {joined([line.label for line in busy])}, {_span(first, last, width)}."


def _span(first: datetime, last: datetime, width: str) -> str:
    """Return from which interval to which: weeks and hours are named by their starts, so nobody takes them for days."""
    begins, ends = (("the " if width == "week" else "") + short_when(each, width) for each in (first, last))
    if first == last:
        return f"{'on' if width == 'day' else 'in'} {begins}" if width != "hour" else f"in the hour from {begins}"
    return f"from {begins} to {ends}"


def plural(count: int, noun: str) -> str:
    """Return `1 post` or `1,234 posts`."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
