"""What can be said of posts that no method reads: their commonest words, how their emoji sound, and whose posts they all are."""

from dashboard.analytics.unread_posts import UnreadPosts, summarize_unread
from dashboard.core.formatting.directions import isolate_items
from dashboard.core.formatting.numbers import format_number, format_share
from dashboard.core.messages import gettext, translatable
from dashboard.reports.notes.language_counts import list_languages
from dashboard.reports.scored_posts import ScoredPosts

_MIN_DESCRIBED_POSTS = 5  # that no method reads, from which their words say something


def describe_unread_posts(scored: ScoredPosts) -> list[str]:
    """Return what can be said of posts that no method reads without reading them: their commonest words, and how their emoji sound."""
    posts = scored.unread_posts
    if posts.height < _MIN_DESCRIBED_POSTS:
        return []
    unread = summarize_unread(posts, scored.list_words)
    words = [f"{word} ({count:,})" for word, count in unread.words]
    values = {
        "count": format_number(unread.posts),
        "languages": list_languages(posts["language"]),
        "words": isolate_items(", ".join(words)),
    }
    common = translatable("Most common words of %(count)s posts that no method reads (%(languages)s): %(words)s.")
    remarks = [gettext(common, **values)] if words else []
    if unread.emoji_posts:
        remarks.append(_describe_emoji(unread))
    return remarks


def _describe_emoji(unread: UnreadPosts) -> str:
    values = {"count": format_number(unread.emoji_posts), "share": format_share(unread.emoji_posts / unread.posts)}
    values |= {"positive": format_number(unread.positive), "negative": format_number(unread.negative)}
    if not unread.emoji:
        return gettext(
            "%(count)s of them (%(share)s) have emoji; by these alone, %(positive)s sound positive and %(negative)s negative.", **values
        )
    return gettext(
        "%(count)s of them (%(share)s) have emoji, most often %(emoji)s; by these alone, %(positive)s sound positive and %(negative)s "
        "negative.",
        **values,
        emoji=" ".join(symbol for symbol, _ in unread.emoji),
    )


def explain_unread_accounts(scored: ScoredPosts) -> list[str]:
    """Return a remark for each account that has no sentiment at all because of its language."""
    message = translatable("None of the posts by %(account)s are in a language that this method reads, so there is no sentiment to show.")
    return [gettext(message, account=scored.labels[account]) for account in scored.unread_accounts]
