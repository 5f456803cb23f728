"""One function a chart: a table in, a neutral Picture out. Words of titles, axes and alternative texts live here, no drawing does."""

from dashboard.charts.definitions import engagement_notes
from dashboard.charts.definitions.compare import comparison_chart
from dashboard.charts.definitions.engagement import engagement_chart, single_post_query
from dashboard.charts.definitions.events import event_chart, mark_events
from dashboard.charts.definitions.method_comparison import (
    describe_agreement,
    describe_sampling,
    disputed_post_query,
    method_comparison_chart,
)
from dashboard.charts.definitions.notice import notice_chart
from dashboard.charts.definitions.rhythm import explain_short_histories, hour_post_query, rhythm_chart
from dashboard.charts.definitions.time_series import MEASURE_TITLES, METHOD_UNITS, format_value, frequency_chart, sentiment_chart
from dashboard.charts.definitions.words import describe_distinctive_words, word_chart, word_post_query

__all__ = [
    "MEASURE_TITLES",
    "METHOD_UNITS",
    "comparison_chart",
    "describe_agreement",
    "describe_distinctive_words",
    "describe_sampling",
    "disputed_post_query",
    "engagement_chart",
    "engagement_notes",
    "event_chart",
    "explain_short_histories",
    "format_value",
    "frequency_chart",
    "hour_post_query",
    "mark_events",
    "method_comparison_chart",
    "notice_chart",
    "rhythm_chart",
    "sentiment_chart",
    "single_post_query",
    "word_chart",
    "word_post_query",
]
