"""Which languages were read, how often their reading is wrong, and how many posts weren't read, in words.

What is read is decided by the methods and by what was measured (`prediction.language_scores`); nothing is counted as read here.
"""

from collections import Counter
from collections.abc import Iterable, Sequence

import polars as pl

from dashboard.analytics.unread_posts import summarize_unread
from dashboard.core.formatting.counts import pluralize
from dashboard.core.formatting.directions import isolate_items
from dashboard.core.formatting.numbers import format_share
from dashboard.core.formatting.rates import describe_rate, is_plural
from dashboard.core.formatting.texts import format_list
from dashboard.core.languages import name_language
from dashboard.core.readings import MIN_PROVISIONAL_POSTS
from dashboard.prediction.error_rates import describe_error_rate
from dashboard.reports.scored_posts import ScoredPosts

_MIN_DESCRIBED_POSTS = 5  # that no method reads, from which their words say something
_MAX_LANGUAGES = 3  # that a remark names
_TOO_UNCERTAIN = "too uncertain for a single post"
_WHO_DECIDES = "The words of a post decide; where they leave it open, the network's language tag and the account's other posts do."


def build_remarks(scored: ScoredPosts) -> list[str]:
    """Return what a reader of sentiment should know about posts that aren't in English. Without such posts, there is nothing to say."""
    languages = scored.languages
    if not languages.count():
        return []
    if scored.scores_all_languages:
        return [f"{_count_foreign(languages)}, so the AI model may be wrong about them. {_WHO_DECIDES}"]
    if not scored.read_languages(scored.query.method):
        do_not = pluralize(languages.count(), "doesn't", "don't")
        left_out = f"{_count_foreign(languages)} and {do_not} count towards sentiment or words. {_WHO_DECIDES}"
        return [left_out, *_explain_translations(scored), *_suggest_model(scored)]
    read, unread = languages.filter(scored.is_read).drop_nulls(), languages.filter(~scored.is_read)
    return [*_describe_read(read, scored), *_describe_unread(unread, languages.len())]


def describe_unread_posts(scored: ScoredPosts) -> list[str]:
    """Return what can be said of posts that no method reads without reading them: their commonest words, and how their emoji sound."""
    posts = scored.unread_posts
    if posts.height < _MIN_DESCRIBED_POSTS:
        return []
    unread = summarize_unread(posts, scored.list_words)
    subject = f"{unread.posts:,} posts that no method reads ({list_languages(posts['language'])})"
    words = [f"{word} ({count:,})" for word, count in unread.words]
    remarks = [f"Most common words of {subject}: {isolate_items(', '.join(words))}."] if words else []
    if unread.emoji_posts:
        share = format_share(unread.emoji_posts / unread.posts)
        emoji = f", most often {' '.join(symbol for symbol, _ in unread.emoji)}" if unread.emoji else ""
        sounds = f"by these alone, {unread.positive:,} sound positive and {unread.negative:,} negative"
        remarks.append(f"{unread.emoji_posts:,} of them ({share}) have emoji{emoji}; {sounds}.")
    return remarks


def explain_rows(scored: ScoredPosts) -> list[str]:
    """Return what a reader of a chart with a row per language should know; nothing if no account has several languages."""
    split, counts = scored.language_split, scored.scored_language_counts
    remarks = []
    if split:
        shown = sum(len(languages) for languages in split.languages.values())
        omitted = int(counts.filter(pl.col("account").is_in(list(split.languages)))["posts"].sum()) - split.count_posts(counts)
        rest = f" {omitted:,} posts in other languages are too few for a row." if omitted else ""
        remarks.append(
            f"There is a row per language ({shown} rows), because errors differ by language: compare a language with itself.{rest}"
        )
    if scored.main_language_posts is not scored.scored_posts:
        remarks.append("Unusual periods, changes and the scorecard compare posts in the commonest language of each account only.")
    if scored.provisional_accounts:
        names = format_list(sorted({name_language(scored.main_languages[account]) for account in scored.provisional_accounts}))
        remarks.append(
            f"Values of fewer than {MIN_PROVISIONAL_POSTS} posts in {names} aren't shown, because too many single posts are misread."
        )
    return remarks


def describe_listed_posts(languages: pl.Series, scored: ScoredPosts) -> list[str]:
    """Return what a reader of a list of posts should know about those that aren't in English."""
    foreign_count = languages.count()
    if not foreign_count:
        return []
    are_not = f"of these posts {pluralize(foreign_count, 'is', 'are')}n't in English"
    if scored.scores_all_languages:
        return [f"{foreign_count:,} {are_not}, so the AI model may be wrong about {pluralize(foreign_count, 'it', 'them')}."]
    is_read = scored.is_read_by(scored.query.method, languages)
    unread, have = int((~is_read).sum()), pluralize(int((~is_read).sum()), "has", "have")
    if not scored.read_languages(scored.query.method):
        return [f"{unread:,} {are_not} and {have} no sentiment."]
    remarks = describe_error_rates(languages.filter(is_read).drop_nulls().unique(maintain_order=True).to_list(), scored)
    counted = f"{unread:,} of these posts {pluralize(unread, 'is', 'are')} counted, not read, and {have} no sentiment."
    return [*remarks, *([counted] if unread else [])]


def explain_unread(posts: pl.DataFrame, scored: ScoredPosts) -> list[str]:
    """Return why each post has no sentiment by the query's method, empty if it has one. `posts` has text and language."""
    uncertain = scored.find_uncertain_texts(posts)
    return [
        _TOO_UNCERTAIN if text in uncertain else _explain_unread_language(language, scored)
        for text, language in posts.select("text", "language").iter_rows()
    ]


def _explain_unread_language(language: str | None, scored: ScoredPosts) -> str:
    read = scored.read_languages(scored.query.method)
    if language is None or read is None or language in read:
        return ""
    return f"{name_language(language)} is counted, not read" if read else "not in English"


def describe_error_rates(languages: Iterable[str], scored: ScoredPosts) -> list[str]:
    """Return a sentence per language on how often the model misreads it, and what a provisional grade means."""
    scores = scored.fetched.labeller.languages if scored.fetched.labeller else {}
    return [describe_error_rate(language, scores[language]) for language in languages if language in scores]


def _describe_read(languages: pl.Series, scored: ScoredPosts) -> list[str]:
    if not languages.len():
        return []
    counts = [language for language, _ in Counter(languages).most_common()]
    posts = f"{languages.len():,} of {scored.languages.len():,} posts {pluralize(languages.len(), 'is', 'are')}"
    read = (
        f"{posts} in {list_languages(languages)} and {pluralize(languages.len(), 'was', 'were')} read by the AI model for other languages."
    )
    return [read, *describe_error_rates(counts, scored)]


def _describe_unread(languages: pl.Series, post_count: int) -> list[str]:
    count = languages.len()
    if not count:
        return []
    are, do_not = pluralize(count, "is", "are"), pluralize(count, "it doesn't", "they don't")
    return [f"{count:,} of {post_count:,} posts {are} counted, not read ({list_languages(languages)}): {do_not} count towards sentiment."]


def _explain_translations(scored: ScoredPosts) -> list[str]:
    """Return why the method's list isn't used in the commonest other language, if a translation of it was measured."""
    readings, ((language, _),) = scored.method.load_readings(), Counter(scored.languages.drop_nulls()).most_common(1)
    if language not in readings:
        return []
    name, rate = name_language(language), readings[language].error_rate
    posts, are = describe_rate(rate, f"{name} post", f"{name} posts"), "are" if is_plural(rate) else "is"
    translation = f"By {scored.method.lexicon_name}'s machine translation, about {posts} {are} misread"
    return [f"{translation} ({readings[language].posts:,} labelled posts), so it isn't used."]


def _suggest_model(scored: ScoredPosts) -> list[str]:
    """Return a remark that names the languages of these posts that the model would read."""
    readable = scored.fetched.labeller.languages if scored.fetched.labeller else {}
    read = [language for language, _ in Counter(scored.languages.drop_nulls()).most_common() if language in readable]
    names = format_list(list(dict.fromkeys(map(name_language, read))))
    return [f"The AI model (method=model) reads {names}."] if read else []


def _count_foreign(languages: pl.Series) -> str:
    are = pluralize(languages.count(), "isn't", "aren't")
    return f"{languages.count():,} of {languages.len():,} posts {are} in English ({list_languages(languages)})"


def list_languages(languages: pl.Series | Sequence[str | None]) -> str:
    """Return the languages of posts, the commonest first, with their numbers if there are several: `12 German and 1 Japanese`."""
    counts = Counter(name_language(language) for language in languages if language is not None).most_common()
    if len(counts) == 1:
        return counts[0][0]
    listed = [f"{count:,} {language}" for language, count in counts[:_MAX_LANGUAGES]]
    others = sum(count for _, count in counts[_MAX_LANGUAGES:])
    return format_list([*listed, f"{others:,} in other languages"] if others else listed)
