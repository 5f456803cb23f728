"""One function a chart: a table in, a neutral Picture out. Words of titles, axes and alternative texts live here, no drawing does."""

from dashboard.charts.definitions import engagement_notes
from dashboard.charts.definitions.compare import compare
from dashboard.charts.definitions.engagement import engagement, post
from dashboard.charts.definitions.events import events, marked
from dashboard.charts.definitions.methods import agreement_in_words, methods, posts_in_dispute, sampled
from dashboard.charts.definitions.notice import notice
from dashboard.charts.definitions.rhythm import posts_of_hour, rhythm, uneven
from dashboard.charts.definitions.timeline import TITLES, UNITS, frequency, sentiment, value_in_words
from dashboard.charts.definitions.words import distinguishing, posts_of_word, words

__all__ = [
    "TITLES",
    "UNITS",
    "agreement_in_words",
    "compare",
    "distinguishing",
    "engagement",
    "engagement_notes",
    "events",
    "frequency",
    "marked",
    "methods",
    "notice",
    "post",
    "posts_in_dispute",
    "posts_of_hour",
    "posts_of_word",
    "rhythm",
    "sampled",
    "sentiment",
    "uneven",
    "value_in_words",
    "words",
]
