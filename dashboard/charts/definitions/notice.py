"""The picture in a chart's place when it can't be drawn: a sentence that says why."""

from dashboard.charts.spec import Chart


def notice(kind: str, title: str, sentence: str) -> Chart:
    """Draw words alone: what is missing as the title, and why in the caption."""
    said = f"{title}. {sentence}"
    return Chart(kind=kind, title=title, caption=(sentence,), alt=said, mark="line", faceted=False, series=(), y_title="", hours=24)
