"""What a page shows while its accounts are read: which ones, how many posts, the time left and the money spent.

How it is sent belongs in `streaming.py`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from time import monotonic

from dashboard.core.accounts import Account
from dashboard.core.formatting.counts import format_count
from dashboard.core.formatting.numbers import format_number
from dashboard.core.formatting.texts import format_list
from dashboard.core.messages import gettext
from dashboard.web.extensions import timeline_store
from dashboard.web.fetch import Fetch

_MAX_LISTED_ACCOUNTS = 2  # accounts that progress names; of more, the others are counted


@dataclass(frozen=True)
class Progress:
    """What a page shows while its accounts are read: a sentence, and the share of the work that is done."""

    sentence: str
    share: float


def iter_progress(fetch: Fetch) -> Iterator[Progress | None]:
    """Yield what is done whenever that changes, and None as a sign of life otherwise."""
    previous = _describe_progress(fetch)
    yield previous
    for _ in fetch.iter_progress():
        current = _describe_progress(fetch)
        yield current if current != previous else None
        previous = current
    current = _describe_progress(fetch)  # of what arrived last, also if the process is about to end
    yield current if current != previous else None


def _describe_progress(fetch: Fetch) -> Progress:
    unfinished = fetch.list_unfinished()
    read_shares = [min(1.0, fetch.posts_read.get(account, 0) / fetch.query.limit) for account in unfinished]
    account_count = len(fetch.query.users)
    share = (account_count - len(unfinished) + sum(read_shares)) / account_count
    return Progress(_format_progress(fetch, unfinished, monotonic() - fetch.started_at), share)


def _format_progress(fetch: Fetch, unfinished: Sequence[Account], elapsed_seconds: float) -> str:
    """Return which accounts are being read, how many posts were, the time left and the money spent."""
    max_posts = fetch.query.limit * (len(fetch.query.users) - len(fetch.count_pages_read))
    post_count, month_count = sum(fetch.posts_read.values()), sum(fetch.count_pages_read.values())
    names = [account.label for account in unfinished]
    reading = gettext("Reading %(accounts)s", accounts=format_list(names, _MAX_LISTED_ACCOUNTS)) if names else gettext("Preparing the page")
    parts = [reading]
    parts += [gettext("%(months)s counted", months=format_count(month_count, "month"))] if month_count else []
    if max_posts:
        parts.append(gettext("%(count)s of up to %(posts)s", count=format_number(post_count), posts=format_count(max_posts, "post")))
    if names and post_count and elapsed_seconds > 1:
        seconds = max(1, round(elapsed_seconds * (max_posts - post_count) / post_count))
        parts.append(gettext("about %(seconds)s s left", seconds=seconds))
    if spending := _format_spending(fetch):
        parts.append(gettext("about %(amount)s so far", amount=spending))
    return " · ".join(parts)


def _format_spending(fetch: Fetch) -> str:
    from dashboard.core.pricing import format_dollars

    store = timeline_store()
    posts_by_account = [(account, posts) for account, posts in list(fetch.posts_read.items()) if posts]
    bills = [store.sources[account.network].max_bill(account, posts) for account, posts in posts_by_account]
    lookups = {"user": len({account for account, _ in posts_by_account} & fetch.unresolved_accounts)}
    post_bills = [{**bill, "user": 0} for bill in bills]
    cost = sum(store.prices.cost_microdollars(bill) for bill in [*post_bills, lookups, {"counts": sum(fetch.count_pages_read.values())}])
    return format_dollars(cost) if cost else ""
