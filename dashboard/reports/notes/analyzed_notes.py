"""What can't be said of posts that were analyzed before, because their texts aren't known any more."""

from dashboard.core.formatting.counts import format_count
from dashboard.core.formatting.numbers import format_number
from dashboard.core.formatting.texts import format_list
from dashboard.core.messages import gettext, translatable, translate
from dashboard.reports.shown_posts import ShownPosts

_MAX_LISTED_ACCOUNTS = 3


def explain_missing_posts(shown: ShownPosts) -> str:
    """Return why a chart that needs each post can't be drawn."""
    names = format_list([shown.labels[sums.account] for sums in shown.analyzed], _MAX_LISTED_ACCOUNTS)
    return gettext(
        "This needs the posts of %(accounts)s themselves. Open it on its own page, for one account: it reads the latest posts "
        "from the files.",
        accounts=names,
    )


def explain_sampled_counts(shown: ShownPosts) -> str:
    """Return that a chart's counts are those of a sample, for beside the chart, where they look like totals; "" if they are totals."""
    _, count, total = _measure_samples(shown)
    values = {"count": format_number(count), "posts": format_count(total, "post")}
    return gettext("From a random sample of %(count)s of %(posts)s; counts are those of the sample.", **values) if count < total else ""


def _measure_samples(shown: ShownPosts) -> tuple[list[str], int, int]:
    """Return the accounts of which only a sample is known, its number of posts, and how many they have."""
    samples = [timeline for timeline in shown.timelines if timeline.sampled_from is not None]
    total = sum(timeline.sampled_from or 0 for timeline in samples)
    return [timeline.account for timeline in samples], sum(timeline.posts_read for timeline in samples), total


def sample_remarks(shown: ShownPosts) -> list[str]:
    """Return a remark that medians, words and lists of posts are from samples, if some are."""
    accounts, count, total = _measure_samples(shown)
    names = format_list([shown.labels[account] for account in accounts], _MAX_LISTED_ACCOUNTS)
    remark = gettext(
        "Words, reactions, disputed posts and lists are from a random sample of %(count)s of %(posts)s of %(accounts)s.",
        count=format_number(count),
        posts=format_count(total, "post"),
        accounts=names,
    )
    return [remark] if count < total else []


def missing_word_remarks(shown: ShownPosts) -> list[str]:
    """Return a remark that unusual periods have no typical words."""
    remark = translatable("Unusual periods of an analyzed collection have no typical words, because most texts aren’t kept.")
    return [gettext(remark)] if shown.analyzed else []


def analyzed_remarks(shown: ShownPosts) -> list[str]:
    """Return what the numbers of posts are based on that were analyzed before, and where they begin and end only roughly."""
    remarks = list(dict.fromkeys(translate(remark) for sums in shown.analyzed for remark in sums.remarks))
    rough = [shown.labels[sums.account] for sums in shown.analyzed if not sums.is_exact]
    if rough and shown.common_span and len(shown.fetched.activities) > 1:
        remark = translatable("The common period of %(accounts)s begins and ends at a quarter of an hour.")
        remarks.append(gettext(remark, accounts=format_list(rough)))
    return remarks
