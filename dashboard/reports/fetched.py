"""Defines what was fetched for a query: everything that a report is built from, apart from the query itself.

Nothing is fetched or computed here: `web.fetching` builds a `Fetched`, and `Analysis` reads it.
"""

import hashlib
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field

from dashboard.analytics.fact_tables import FactTables
from dashboard.core.counts import HourlyCounts
from dashboard.core.posts import Timeline
from dashboard.core.source_errors import SourceError
from dashboard.prediction.serving.labeller import Labeller


@dataclass(frozen=True)
class Fetched:
    """The timelines or counts of a query's accounts, in the order of the query, and what else a report needs.

    `failures` maps the canonical names of accounts that couldn't be read to the reason. `remarks` are sentences that the caller adds to
    every report. `labeller` labels posts for the method `model`; it's None if no model is available. `facts` looks up what is known of
    posts, such as their language.
    """

    answers: Sequence[Timeline | HourlyCounts] = ()
    failures: Mapping[str, SourceError] = field(default_factory=dict)
    remarks: Sequence[str] = ()
    labeller: Labeller | None = None
    facts: FactTables = field(default_factory=FactTables, repr=False, compare=False)

    @property
    def post_count(self) -> int:
        """The number of posts of all accounts."""
        return sum(answer.posts_read for answer in self.answers)

    @property
    def names(self) -> dict[str, str]:
        """The display names that are known, by the canonical name of the account."""
        return {answer.account: answer.name for answer in self.answers if answer.name}

    @property
    def identity(self) -> Hashable:
        """What tells this apart from what others fetched for the same query at about the same time."""
        answers = tuple(_identify(answer) for answer in self.answers)
        failures = tuple((account, type(error), error.message) for account, error in self.failures.items())
        return answers, failures, tuple(self.remarks), self.labeller is None

    @property
    def digest(self) -> str:
        """A digest of everything that reports show of this, the times of reading included."""
        model = (self.labeller.title, self.labeller.model.card.digest) if self.labeller else ""
        digest = hashlib.blake2b(repr((self.identity, model)).encode(), digest_size=16)
        for answer in self.answers:
            digest.update(answer.fetched_at.isoformat(timespec="seconds").encode())
            if isinstance(answer, HourlyCounts):
                digest.update(repr(sorted(answer.posts_by_hour.items())).encode())
            else:
                digest.update(answer.posts.hash_rows().to_numpy().tobytes())
        return digest.hexdigest()


def _identify(answer: Timeline | HourlyCounts) -> Hashable:
    failure = answer.failure.message if answer.failure else ""
    if isinstance(answer, HourlyCounts):
        return answer.account, answer.since, answer.until, answer.total_posts, answer.cut_by, failure, answer.name
    ids, times = answer.posts["id"], answer.posts["created_at"]
    return answer.account, ids.len(), ids.first(), ids.last(), times.first(), answer.cut_by, failure, answer.name
