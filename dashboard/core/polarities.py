"""The names of the three polarities, as labels and within sentences. How a post gets one belongs in `analytics`."""

from dashboard.core.messages import gettext, translatable

_TITLES = {"positive": translatable("Positive"), "neutral": translatable("Neutral"), "negative": translatable("Negative")}
_WORDS = {"positive": translatable("positive"), "neutral": translatable("neutral"), "negative": translatable("negative")}


def name_polarity(polarity: str) -> str:
    """Return the name of a polarity as a label: `Positive`. Labels of other models are returned as they are, capitalized."""
    return gettext(_TITLES[polarity]) if polarity in _TITLES else polarity.capitalize()


def name_polarity_within_sentence(polarity: str) -> str:
    """Return the name of a polarity within a sentence: `positive`."""
    return gettext(_WORDS[polarity]) if polarity in _WORDS else polarity
