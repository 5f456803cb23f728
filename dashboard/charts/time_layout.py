"""Places the labels of charts over time in a plot of a given size, in the same way for every renderer: peaks, and the ends of lines.

The geometry itself is in `label_layout`; how labels are drawn doesn't belong here.
"""

from datetime import timedelta

from dashboard.charts.label_layout import CHAR_PX, LINE_PX, Anchor, Box, PlacedLabel, Polyline, place_labels, spread, text_width
from dashboard.charts.spec.panels import truncate_label
from dashboard.charts.spec.time_series import Peak, TimeSeries
from dashboard.charts.spec.time_series_chart import TimeSeriesChart
from dashboard.core.formatting.texts import truncate

Size = tuple[float, float]
PlacedPeak = tuple[Peak, PlacedLabel]
_MAX_PEAKS_PER_ACCOUNT = 2  # that are named; the others are only marked
_MIN_NAMED_SHARE = 0.12  # of the scale of lines; a lower peak looks like none
_END_LABEL_GAP_PX = 8  # between the end of a line and its label
_MIN_WIDTH_WITH_END_LABELS_PX = 480  # in a narrower image or page, a legend is above the lines
_MAX_END_LABEL_SHARE = 0.3  # of the width


def has_end_labels(chart: TimeSeriesChart, width: float) -> bool:
    """Return whether lines are named at their right end, in a drawing of `width` pixels; otherwise they need a legend."""
    return len(chart.series) > 1 and width >= _MIN_WIDTH_WITH_END_LABELS_PX


def end_label_width(chart: TimeSeriesChart, width: float) -> float:
    """Return the room for labels to the right of the plot, in pixels."""
    return min(_END_LABEL_GAP_PX + max(text_width(truncate_label(line.label)) for line in chart.series), _MAX_END_LABEL_SHARE * width)


def place_end_labels(chart: TimeSeriesChart, size: Size) -> list[tuple[TimeSeries, PlacedLabel]]:
    """Return a label for each line at the right edge of the plot, at the height of its last value as far as labels don't overlap.

    `x` of a label is its left edge.
    """
    lines = [line for line in chart.series if line.x]
    heights = [
        _to_y(next((value for value in reversed(line.y) if value is not None), 0), (0, chart.line_top(size[1])), size) for line in lines
    ]
    places = spread(heights, LINE_PX, LINE_PX / 2, size[1] - LINE_PX / 2)
    return [(line, PlacedLabel(truncate_label(line.label), size[0] + _END_LABEL_GAP_PX, y)) for line, y in zip(lines, places, strict=True)]


def place_line_peaks(chart: TimeSeriesChart, size: Size) -> list[tuple[TimeSeries, PlacedPeak]]:
    """Return the labels of the peaks of lines, the most unusual of each account first."""
    top = (0.0, chart.line_top(size[1]))
    named = [
        (line, peak)
        for rank in range(_MAX_PEAKS_PER_ACCOUNT)
        for line in chart.series
        for peak in _named_peaks(line)[rank : rank + 1]
        if (line.y[peak.index] or 0) >= _MIN_NAMED_SHARE * top[1]
    ]
    anchors = [Anchor(_to_x(chart, line, peak.index, size), _to_y(line.y[peak.index] or 0, top, size), peak.labels) for line, peak in named]
    lines = [_to_polyline(chart, line, top, size) for line in chart.series if not line.is_sparse]
    labels = place_labels(anchors, size, lines)
    return [(line, (peak, label)) for (line, peak), label in zip(named, labels, strict=True) if label]


def place_facet_labels(chart: TimeSeriesChart, line: TimeSeries, size: Size) -> list[PlacedPeak]:
    """Return the labels of the peaks of a row of bars."""
    ends, limits = chart.facet_range(line, size[1]), chart.scale_of(line)
    peaks = _named_peaks(line)
    anchors = [
        Anchor(
            _to_x(chart, line, peak.index, size, is_bar=True),
            _to_y(min(max(line.end_of(peak.index), limits[0]), limits[1]), ends, size),
            peak.labels,
            below=(line.y[peak.index] or 0) < 0,
            half_width=_half_bar_width(chart, line, size),
        )
        for peak in peaks
    ]
    labels = place_labels(anchors, size, boxes=_to_boxes(chart, line, ends, size)) if anchors else []
    return [(peak, label) for peak, label in zip(peaks, labels, strict=True) if label]


def strip_labels(chart: TimeSeriesChart, width: float) -> list[str]:
    """Return the names beside heat strips, short enough for a drawing of `width` pixels and each of them unique."""
    longest = int(_MAX_END_LABEL_SHARE * width / CHAR_PX)
    names = [truncate(line.label, longest) for line in chart.series]
    return [name if names.count(name) == 1 else f"{name} ({number})" for number, name in enumerate(names, 1)]


def strip_label_width(chart: TimeSeriesChart, width: float) -> float:
    """Return the room for names to the left of heat strips, in pixels."""
    return _END_LABEL_GAP_PX + max(map(text_width, strip_labels(chart, width)))


def _named_peaks(line: TimeSeries) -> list[Peak]:
    return [peak for peak in line.peaks if peak.labels][:_MAX_PEAKS_PER_ACCOUNT]


def _to_x(chart: TimeSeriesChart, line: TimeSeries, index: int, size: Size, *, is_bar: bool = False) -> float:
    first, last = chart.time_range or (line.x[0], line.x[0] + timedelta(hours=1))
    center = timedelta(hours=chart.interval_hours * 0.44 * is_bar)
    return (line.x[index] + center - first) / (last - first) * size[0]


def _to_y(value: float, ends: tuple[float, float], size: Size) -> float:
    return size[1] * (ends[1] - value) / (ends[1] - ends[0])


def _to_polyline(chart: TimeSeriesChart, line: TimeSeries, ends: tuple[float, float], size: Size) -> Polyline:
    return [(_to_x(chart, line, index, size), _to_y(value or 0, ends, size)) for index, value in enumerate(line.y)]


def _half_bar_width(chart: TimeSeriesChart, line: TimeSeries, size: Size) -> float:
    return _to_x(chart, line, 0, size, is_bar=True) - _to_x(chart, line, 0, size) if line.x else 0


def _to_boxes(chart: TimeSeriesChart, line: TimeSeries, ends: tuple[float, float], size: Size) -> list[Box]:
    """Return the places that bars and their confidence intervals cover."""
    half_width = _half_bar_width(chart, line, size)
    boxes = list[Box]()
    for index, value in enumerate(line.y):
        x = _to_x(chart, line, index, size, is_bar=True)
        bar = [0, value or 0, *(values[index] for values in (line.positive, line.negative) if values)]
        boxes.append((x - half_width, _to_y(max(bar), ends, size), x + half_width, _to_y(min(bar), ends, size)))
        whisker = [end for values in (line.low, line.high) if values and (end := values[index]) is not None]
        boxes += [(x - 1, _to_y(max(whisker), ends, size), x + 1, _to_y(min(whisker), ends, size))] if whisker else []
    return boxes
