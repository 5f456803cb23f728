"""The image shown instead of a chart that can't be drawn: a sentence that says why."""

from dashboard.charts.spec.time_series_chart import TimeSeriesChart


def notice_chart(kind: str, title: str, sentence: str) -> TimeSeriesChart:
    """Draw only text: what is missing as the title, and why as the caption."""
    text = f"{title}. {sentence}"
    return TimeSeriesChart(
        kind=kind, title=title, caption=(sentence,), alt=text, mark="line", faceted=False, series=(), y_title="", interval_hours=24
    )
