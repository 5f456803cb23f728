"""One function a chart: a table in, a neutral Picture out. Words of titles, axes and alternative texts live here, no drawing does."""

from dashboard.charts.definitions.rhythm import rhythm
from dashboard.charts.definitions.timeline import TITLES, UNITS, frequency, sentiment, value_in_words

__all__ = ["TITLES", "UNITS", "frequency", "rhythm", "sentiment", "value_in_words"]
