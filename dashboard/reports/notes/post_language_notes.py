"""What a reader of a list of single posts should know about their languages, and why some of them have no sentiment."""

import polars as pl

from dashboard.core.formatting.numbers import format_number
from dashboard.core.languages import name_language
from dashboard.core.messages import gettext, ngettext, translatable
from dashboard.reports.notes.language_notes import describe_error_rates
from dashboard.reports.scored_posts import ScoredPosts

_TOO_UNCERTAIN = translatable("too uncertain for a single post")


def describe_listed_posts(languages: pl.Series, scored: ScoredPosts) -> list[str]:
    """Return what a reader of a list of posts should know about those that aren't in English."""
    foreign_count = languages.count()
    if not foreign_count:
        return []
    if scored.scores_all_languages:
        return [
            ngettext(
                "%(count)s of these posts isn’t in English, so the AI model may be wrong about it.",
                "%(count)s of these posts aren’t in English, so the AI model may be wrong about them.",
                foreign_count,
                count=format_number(foreign_count),
            )
        ]
    is_read = scored.is_read_by(scored.query.method, languages)
    unread = int((~is_read).sum())
    if not scored.read_languages(scored.query.method):
        return [_explain_foreign_posts(unread)]
    remarks = describe_error_rates(languages.filter(is_read).drop_nulls().unique(maintain_order=True).to_list(), scored)
    counted = ngettext(
        "%(count)s of these posts is counted, not read, and has no sentiment.",
        "%(count)s of these posts are counted, not read, and have no sentiment.",
        unread,
        count=format_number(unread),
    )
    return [*remarks, *([counted] if unread else [])]


def _explain_foreign_posts(count: int) -> str:
    return ngettext(
        "%(count)s of these posts isn’t in English and has no sentiment.",
        "%(count)s of these posts aren’t in English and have no sentiment.",
        count,
        count=format_number(count),
    )


def explain_unread(posts: pl.DataFrame, scored: ScoredPosts) -> list[str]:
    """Return why each post has no sentiment by the query's method, empty if it has one. `posts` has posts.SCHEMA and language."""
    if scored.method.needs_labeller and scored.fetched.labeller is None:
        return [_explain_unread_language(language, scored) for language in posts["language"]]
    scores = scored.look_up_scores(posts, scored.query.method, posts["language"])
    return [
        gettext(_TOO_UNCERTAIN) if is_uncertain else _explain_unread_language(language, scored)
        for language, is_uncertain in zip(posts["language"], scored.is_uncertain(scores, posts["language"]), strict=True)
    ]


def _explain_unread_language(language: str | None, scored: ScoredPosts) -> str:
    read = scored.read_languages(scored.query.method)
    if language is None or read is None or language in read:
        return ""
    if read:
        return gettext("%(language)s is counted, not read", language=name_language(language))
    return gettext("not in English")


def explain_uncertain_posts(count: int) -> list[str]:
    """Return a remark on the posts that a list of single posts leaves out because they are too uncertain."""
    remark = ngettext(
        "%(count)s post is too uncertain to be shown alone and left out; medians count it.",
        "%(count)s posts are too uncertain to be shown alone and left out; medians count them.",
        count,
        count=format_number(count),
    )
    return [remark] if count else []
