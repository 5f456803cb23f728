"""How often a language is misread, as a sentence for people. What was measured is in `language_scores.py`."""

from dashboard.core.formatting.numbers import format_number, format_share
from dashboard.core.formatting.rates import describe_rate, is_plural
from dashboard.core.languages import name_language
from dashboard.core.messages import gettext, is_translated
from dashboard.core.readings import MIN_PROVISIONAL_POSTS, MIN_PROVISIONAL_PROBABILITY
from dashboard.prediction.language_scores import LanguageScores


def describe_error_rate(language: str, scores: LanguageScores) -> str:
    """Return how often posts in a language are misread, as measured on posts that trained nothing, and what a provisional grade means."""
    name = name_language(language)
    misread, opposite = scores["error_rate"], describe_rate(scores["opposite_rate"])
    posts, are = describe_rate(misread, f"{name} post", f"{name} posts"), "are" if is_plural(misread) else "is"
    sentence = f"About {posts} {are} misread, {opposite} with the opposite sign (measured on {scores['posts']:,} labelled posts)."
    if is_translated():  # where a noun has cases and genders, the rate stands alone
        sentence = gettext(
            "Of posts in %(language)s, about %(rate)s is misread, %(opposite)s with the opposite sign (measured on %(count)s "
            "labelled posts).",
            language=name,
            rate=posts,
            opposite=opposite,
            count=format_number(scores["posts"]),
        )
    if scores["grade"] != "provisional":
        return sentence
    certain = format_share(MIN_PROVISIONAL_PROBABILITY)
    advice = gettext(
        "%(language)s is provisional: trust shares over %(count)s posts or more, and single posts from %(share)s on.",
        language=name,
        count=MIN_PROVISIONAL_POSTS,
        share=certain,
    )
    return f"{sentence} {advice}"
