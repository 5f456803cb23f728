"""What can't be said of posts that were analyzed before, because their texts aren't known any more."""

from dashboard.core.formatting.texts import format_list
from dashboard.reports.shown_posts import ShownPosts

_MAX_LISTED_ACCOUNTS = 3


def explain_missing_posts(shown: ShownPosts) -> str:
    """Return why a chart that needs each post can't be drawn."""
    names = format_list([shown.labels[sums.account] for sums in shown.analyzed], _MAX_LISTED_ACCOUNTS)
    return (
        f"This needs the posts of {names} themselves. Open it on its own page, for one account: it reads the latest posts from the files."
    )


def missing_word_remarks(shown: ShownPosts) -> list[str]:
    """Return a remark that unusual periods have no typical words."""
    return ["Unusual periods of an analyzed collection have no typical words, because texts aren’t kept."] if shown.analyzed else []


def analyzed_remarks(shown: ShownPosts) -> list[str]:
    """Return what the numbers of posts are based on that were analyzed before, and where they begin and end only roughly."""
    remarks = list(dict.fromkeys(remark for sums in shown.analyzed for remark in sums.remarks))
    rough = [shown.labels[sums.account] for sums in shown.analyzed if not sums.is_exact]
    if rough and shown.common_span and len(shown.fetched.activities) > 1:
        remarks.append(f"The common period of {format_list(rough)} begins and ends at a quarter of an hour.")
    return remarks
