"""What changed: a dot an account and measure, with the interval of its change."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import polars as pl

from dashboard.charts.definitions.timeline import UNITS, plural
from dashboard.charts.spec import Bar, Bars, Panel, Style, Where, joined

_NAMES = {"posts_per_day": "Posts", "net_per_post": "Net sentiment", "positive_share": "Positive share"}
_SHORT = {"posts_per_day": "Posts", "net_per_post": "Net", "positive_share": "Share"}
_SCALE = 100  # all changes are drawn as hundredths
_DOUBT = {
    "clear": "",
    "unclear": "\nno clear change",
    "unknown": "\nhow sure this is can't be said: too few posts, or posts too much alike",
}


def compare(
    table: pl.DataFrame, labels: Mapping[str, str], looks: Mapping[str, Style], caption: Sequence[str], where: Sequence[Where], method: str
) -> Bars:
    """Draw each change against no change; `table` is analytics.compare's, `where` the posts of this time for each of its rows."""
    bars: dict[str, list[Bar]] = {}
    for row, behind in zip(table.iter_rows(named=True), where, strict=True):
        bars.setdefault(row["account"], []).append(_bar(row, behind, method))
    panels = tuple(Panel(account, labels[account], looks[account], tuple(bars[account])) for account in labels if account in bars)
    unit = f"net {UNITS[method]} per 100 posts" if method in ("bing", "afinn") else "hundredths of the mean score"
    return Bars(
        kind="compare",
        title="What changed",
        caption=tuple(caption),
        alt=_in_words(table, labels),
        hint="Dots: the change; lines: 95\u00a0% confidence. Faint: the line reaches zero, so there may be no change at all, "
        f"or there is no line, for nobody can say how sure the change is. Drawn side by side: posts in %, {unit}, share in points",
        panels=panels,
        x_title="Left of the line: less than before; right of it: more",
        dots=True,
        nothing="Nothing to compare: this time and the one before it need posts, both of them.",
        worded=True,
    )


def _bar(row: Mapping[str, Any], where: Where, method: str) -> Bar:
    ends = [None if row[end] is None else row[end] * _SCALE for end in ("change", "low", "high")]
    label = f"{_SHORT[row['measure']]}: {_change(row, row['change'])}"
    return Bar(label, ends[0], _detail(row), where, ends[1], ends[2], "" if _surety(row) == "clear" else "faint")


def _surety(row: Mapping[str, Any]) -> str:
    """Say whether a change is `clear`, for its interval does not reach zero; `unclear`; or `unknown`, for it has no interval."""
    low, high = row["low"], row["high"]
    if low is None and high is None:
        return "unknown"
    return "clear" if (low is not None and low > 0) or (high is not None and high < 0) else "unclear"


def _detail(row: Mapping[str, Any]) -> str:
    if row["before"] is None or row["now"] is None:
        sides = "nothing to measure before" if row["before"] is None else "nothing to measure now"
    else:
        sides = f"{_value(row, row['before'])} before, {_value(row, row['now'])} now"
    doubt = _DOUBT[_surety(row)] if row["change"] is not None else ""
    posts = f"{plural(row['posts_before'], 'post')} before, {plural(row['posts_now'], 'post')} now"
    return f"{_NAMES[row['measure']]}: {_change(row, row['change'])}{_range(row)}{doubt}\n{sides}\n{posts}"


def _range(row: Mapping[str, Any]) -> str:
    if row["low"] is None and row["high"] is None:
        return ""
    low, high = (_change(row, row[end]) if row[end] is not None else "any" for end in ("low", "high"))
    return f" ({low} to {high} with 95 % confidence)"


def _change(row: Mapping[str, Any], change: float | None) -> str:
    """Return a change as people write it: `−12 %`, `+0.31`, `+5 points`."""
    if change is None:
        return "unknown"
    if row["measure"] == "net_per_post":
        return _signed(change, "+.2f")
    shown = _signed(change * _SCALE, "+,.0f")
    return shown + (" %" if row["measure"] == "posts_per_day" else " point" if shown.lstrip("+−") == "1" else " points")


def _value(row: Mapping[str, Any], value: float) -> str:
    if row["measure"] == "posts_per_day":
        return f"{value:,.1f} a day"
    return _signed(value, "+.2f") if row["measure"] == "net_per_post" else f"{value:.0%}".replace("%", " %")


def _signed(value: float, form: str) -> str:
    shown = format(value, form).replace("-", "−")
    return shown[1:] if not any(digit in shown for digit in "123456789") else shown


def _in_words(table: pl.DataFrame, labels: Mapping[str, str]) -> str:
    told = [_sentence(labels[account], table.filter(account=account)) for account in labels if account in set(table["account"])]
    return " ".join(["This time against the one before.", *told[:6]]) if told else "There is no time to compare."


def _sentence(label: str, rows: pl.DataFrame) -> str:
    every = rows.to_dicts()
    known = {surety: [row for row in every if row["change"] is not None and _surety(row) == surety] for surety in _DOUBT}
    unclear = [_NAMES[row["measure"]].lower() for row in known["unclear"]]
    missing = [_NAMES[row["measure"]].lower() for row in every if row["change"] is None]
    said = [*_phrases(known["clear"]), *([f"shows no clear change in {joined(unclear)}"] * bool(unclear))]
    said += [f"{phrase} (how sure that is can't be said)" for phrase in _phrases(known["unknown"])]
    return f"{label} {joined([*said, *([f'has nothing to compare in {joined(missing)}'] * bool(missing))])}."


def _phrases(rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for row in rows:
        name, change = _NAMES[row["measure"]].lower(), row["change"]
        if row["measure"] == "posts_per_day":
            amount = f"{abs(change) * _SCALE:,.0f} % {'more' if change > 0 else 'less'}"
            yield f"posted {amount}{_range(row).replace(' with 95 % confidence', '')}"
        else:
            yield f"{'rose' if change > 0 else 'fell'} in {name} by {_change(row, abs(change)).lstrip('+')}"
