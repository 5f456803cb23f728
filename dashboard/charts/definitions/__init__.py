"""One function a chart: a table in, a neutral Picture out. Words of titles, axes and alternative texts live here, no drawing does."""

from dashboard.charts.definitions.timeline import TITLES, UNITS, frequency, sentiment, value_in_words

__all__ = ["TITLES", "UNITS", "frequency", "sentiment", "value_in_words"]
