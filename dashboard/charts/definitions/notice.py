"""The picture in a chart's place when it can't be drawn: a sentence that says why."""

from dashboard.charts.spec import TimeSeriesChart


def notice_chart(kind: str, title: str, sentence: str) -> TimeSeriesChart:
    """Draw words alone: what is missing as the title, and why in the caption."""
    said = f"{title}. {sentence}"
    return TimeSeriesChart(
        kind=kind, title=title, caption=(sentence,), alt=said, mark="line", faceted=False, series=(), y_title="", interval_hours=24
    )
