"""Defines what was fetched for a query: everything that a report is built from, apart from the query itself.

Nothing is fetched or computed here: `web.fetching` builds a `Fetched`, and `Analysis` reads it.
"""

import hashlib
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import polars as pl

from dashboard.analytics.fact_tables import FactTables
from dashboard.core.activity import Activity
from dashboard.core.counts import HourlyCounts
from dashboard.core.post_sums import PostSums
from dashboard.core.source_errors import SourceError
from dashboard.prediction.serving.labeller import Labeller


@dataclass(frozen=True)
class Fetched:
    """The activities of a query's accounts, which are timelines, sums or counts, in the order of the query, and what else a report needs.

    `failures` maps the canonical names of accounts that couldn't be read to the reason. `warnings` and `remarks` are sentences that the
    caller adds to every report, where they can't be overlooked and among the notes. `labeller` labels posts for the method `model`; it's
    None if no model is available. `facts` looks up what is known of posts, such as their language.
    """

    activities: Sequence[Activity] = ()
    failures: Mapping[str, SourceError] = field(default_factory=dict)
    remarks: Sequence[str] = ()
    labeller: Labeller | None = None
    facts: FactTables = field(default_factory=FactTables, repr=False, compare=False)
    warnings: Sequence[str] = ()

    @property
    def post_count(self) -> int:
        """The number of posts of all accounts."""
        return sum(activity.posts_read for activity in self.activities)

    @property
    def has_samples(self) -> bool:
        """Whether posts were analyzed before, and there is a sample of each account whose texts aren't known."""
        sums = [activity for activity in self.activities if isinstance(activity, PostSums)]
        return bool(sums) and all(activity.load_sample for activity in sums)

    def draw_samples(self) -> "Fetched":
        """Return the same with a sample of the posts in place of sums."""
        activities = [activity.draw_timeline() if isinstance(activity, PostSums) else activity for activity in self.activities]
        return replace(self, activities=activities)

    @property
    def names(self) -> dict[str, str]:
        """The display names that are known, by the canonical name of the account."""
        return {activity.account: activity.name for activity in self.activities if activity.name}

    @cached_property
    def digest(self) -> str:
        """A digest of everything that reports show of this, the times of reading included."""
        return self.digest_with({})

    def digest_with(self, versions: Mapping[str, str]) -> str:
        """Return the digest of the same with more timelines, which haven't been loaded, in any order.

        `versions` has theirs by the canonical names of their accounts.
        """
        identities = {activity.account: _identify(activity) for activity in self.activities} | dict(versions)
        failures = tuple((account, type(error), error.message) for account, error in self.failures.items())
        model = (self.labeller.title, self.labeller.digest) if self.labeller else ""
        inputs = sorted(identities.items()), failures, tuple(self.warnings), tuple(self.remarks), model
        return hashlib.blake2b(repr(inputs).encode(), digest_size=16).hexdigest()


def _identify(activity: Activity) -> Hashable:
    failure = activity.failure.message if activity.failure else ""
    cuts = activity.fetched_at.isoformat(timespec="seconds"), activity.cut_by, failure, activity.name
    if isinstance(activity, HourlyCounts):
        return *cuts, activity.since, activity.until, sorted(activity.posts_by_hour.items())
    if isinstance(activity, PostSums):
        return *cuts, activity.digest
    return activity.version or (*cuts, activity.sampled_from, _hash_posts(activity.posts))


def _hash_posts(posts: pl.DataFrame) -> str:
    return hashlib.blake2b(posts.hash_rows().to_numpy().tobytes(), digest_size=16).hexdigest()
