"""How often a language is misread, as a sentence for people. What was measured is in `language_scores.py`."""

from dashboard.core.formatting.numbers import format_share
from dashboard.core.formatting.rates import describe_rate, is_plural
from dashboard.core.languages import name_language
from dashboard.core.readings import MIN_PROVISIONAL_POSTS, MIN_PROVISIONAL_PROBABILITY
from dashboard.prediction.language_scores import LanguageScores


def describe_error_rate(language: str, scores: LanguageScores) -> str:
    """Return how often posts in a language are misread, as measured on posts that trained nothing, and what a provisional grade means."""
    name = name_language(language)
    misread, opposite = scores["error_rate"], describe_rate(scores["opposite_rate"])
    posts, are = describe_rate(misread, f"{name} post", f"{name} posts"), "are" if is_plural(misread) else "is"
    sentence = f"About {posts} {are} misread, {opposite} with the opposite sign (measured on {scores['posts']:,} labelled posts)."
    if scores["grade"] != "provisional":
        return sentence
    certain = format_share(MIN_PROVISIONAL_PROBABILITY)
    return f"{sentence} {name} is provisional: trust shares over {MIN_PROVISIONAL_POSTS} posts or more, and single posts from {certain} on."
