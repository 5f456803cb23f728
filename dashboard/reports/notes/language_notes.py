"""Which languages were read, how often their reading is wrong, and how many posts weren't read, in words.

What is read is decided by the methods and by what was measured (`prediction.language_scores`); nothing is counted as read here. What is
said of posts that no method reads is in `unread_notes.py`, of lists of single posts in `post_language_notes.py`.
"""

from collections import Counter
from collections.abc import Iterable, Mapping

import polars as pl

from dashboard.core.formatting.numbers import format_number
from dashboard.core.formatting.rates import describe_rate, is_plural
from dashboard.core.formatting.texts import format_list
from dashboard.core.languages import name_language
from dashboard.core.messages import gettext, is_translated, ngettext, translatable
from dashboard.core.readings import MIN_PROVISIONAL_POSTS
from dashboard.prediction.error_rates import describe_error_rate
from dashboard.reports.notes.language_counts import list_counted_languages
from dashboard.reports.scored_posts import ScoredPosts

_WHO_DECIDES = translatable(
    "The words of a post decide; where they leave it open, the network’s language tag and the account’s other posts do."
)


def build_remarks(scored: ScoredPosts) -> list[str]:
    """Return what a reader of sentiment should know about posts that aren't in English. Without such posts, there is nothing to say."""
    counts, read_languages = scored.posts_by_language, scored.read_languages(scored.query.method)
    foreign_counts = {language: posts for language, posts in counts.items() if language is not None}
    total, foreign_count = sum(counts.values()), sum(foreign_counts.values())
    if not foreign_count:
        return []
    if read_languages is None:
        doubt = ngettext(
            "%(count)s of %(total)s posts isn’t in English (%(languages)s), so the AI model may be wrong about them.",
            "%(count)s of %(total)s posts aren’t in English (%(languages)s), so the AI model may be wrong about them.",
            foreign_count,
            **_count_foreign(foreign_counts, total),
        )
        return [f"{doubt} {gettext(_WHO_DECIDES)}"]
    if not read_languages:
        omission = ngettext(
            "%(count)s of %(total)s posts isn’t in English (%(languages)s) and doesn’t count towards sentiment or words.",
            "%(count)s of %(total)s posts aren’t in English (%(languages)s) and don’t count towards sentiment or words.",
            foreign_count,
            **_count_foreign(foreign_counts, total),
        )
        unread_remark = f"{omission} {gettext(_WHO_DECIDES)}"
        return [unread_remark, *_explain_translations(foreign_counts, scored), *_suggest_model(foreign_counts, scored)]
    read = {language: posts for language, posts in foreign_counts.items() if language in read_languages}
    unread = {language: posts for language, posts in foreign_counts.items() if language not in read_languages}
    return [*_describe_read(read, total, scored), *_describe_unread(unread, total)]


def explain_rows(scored: ScoredPosts) -> list[str]:
    """Return what a reader of a chart with a row per language should know; nothing if no account has several languages."""
    split, counts = scored.language_split, scored.scored_language_counts
    remarks = []
    if split:
        shown = sum(len(languages) for languages in split.languages.values())
        omitted = int(counts.filter(pl.col("account").is_in(list(split.languages)))["posts"].sum()) - split.count_posts(counts)
        rows = translatable(
            "There is a row per language (%(count)s rows), because errors differ by language: compare a language with itself."
        )
        rest = gettext("%(count)s posts in other languages are too few for a row.", count=format_number(omitted)) if omitted else ""
        remarks.append(f"{gettext(rows, count=shown)} {rest}".strip())
    if scored.has_mixed_accounts:
        remarks.append(gettext("Unusual periods, changes and the scorecard compare posts in the commonest language of each account only."))
    if scored.provisional_accounts:
        remarks.append(explain_hidden_values(scored.main_languages[account] for account in scored.provisional_accounts))
    return remarks


def explain_hidden_values(languages: Iterable[str]) -> str:
    """Return why some values of posts in these languages, which are provisional, aren't shown."""
    names = format_list(sorted(set(map(name_language, languages))))
    hidden = translatable("Values of fewer than %(count)s posts in %(languages)s aren’t shown, because too many single posts are misread.")
    return gettext(hidden, count=MIN_PROVISIONAL_POSTS, languages=names)


def describe_error_rates(languages: Iterable[str], scored: ScoredPosts) -> list[str]:
    """Return a sentence per language on how often the model misreads it, and what a provisional grade means."""
    scores = scored.fetched.labeller.languages if scored.fetched.labeller else {}
    return [describe_error_rate(language, scores[language]) for language in languages if language in scores]


def _describe_read(counts: Mapping[str, int], total: int, scored: ScoredPosts) -> list[str]:
    count = sum(counts.values())
    if not count:
        return []
    read = ngettext(
        "%(count)s of %(total)s posts is in %(languages)s and was read by the AI model for other languages.",
        "%(count)s of %(total)s posts are in %(languages)s and were read by the AI model for other languages.",
        count,
        **_count_foreign(counts, total),
    )
    return [read, *describe_error_rates(_sort_by_count(counts), scored)]


def _describe_unread(counts: Mapping[str, int], total: int) -> list[str]:
    count = sum(counts.values())
    if not count:
        return []
    remark = ngettext(
        "%(count)s of %(total)s posts is counted, not read (%(languages)s): it doesn’t count towards sentiment.",
        "%(count)s of %(total)s posts are counted, not read (%(languages)s): they don’t count towards sentiment.",
        count,
        **_count_foreign(counts, total),
    )
    return [remark]


def _sort_by_count(counts: Mapping[str, int]) -> list[str]:
    return [language for language, _ in Counter(counts).most_common()]


def _explain_translations(counts: Mapping[str, int], scored: ScoredPosts) -> list[str]:
    """Return why the method's list isn't used in the commonest other language, if a translation of it was measured."""
    readings, language = scored.method.load_readings(), _sort_by_count(counts)[0]
    if language not in readings:
        return []
    name, rate = name_language(language), readings[language].error_rate
    posts, are = describe_rate(rate, f"{name} post", f"{name} posts"), "are" if is_plural(rate) else "is"
    if not is_translated():
        translation = f"By {scored.method.lexicon_name}’s machine translation, about {posts} {are} misread"
        return [f"{translation} ({readings[language].posts:,} labelled posts), so it isn’t used."]
    translation = gettext(
        "The machine translation of %(list)s misreads about %(rate)s of the posts in %(language)s (%(count)s labelled posts), so it "
        "isn’t used.",
        list=scored.method.lexicon_name,
        rate=describe_rate(rate),
        language=name,
        count=format_number(readings[language].posts),
    )
    return [translation]


def _suggest_model(counts: Mapping[str, int], scored: ScoredPosts) -> list[str]:
    """Return a remark that names the languages of these posts that the model would read."""
    readable = scored.fetched.labeller.languages if scored.fetched.labeller else {}
    read = [language for language in _sort_by_count(counts) if language in readable]
    names = format_list(list(dict.fromkeys(map(name_language, read))))
    return [gettext("The AI model (method=model) reads %(languages)s.", languages=names)] if read else []


def _count_foreign(counts: Mapping[str, int], total: int) -> dict[str, str]:
    count = format_number(sum(counts.values()))
    return {"count": count, "total": format_number(total), "languages": list_counted_languages(counts)}
