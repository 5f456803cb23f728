"""Defines what was fetched for a query: everything that a report is built from, apart from the query itself.

Nothing is fetched or computed here: `web.fetching` builds a `Fetched`, and `Analysis` reads it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from dashboard.core.counts import HourlyCounts
from dashboard.core.errors import SourceError
from dashboard.core.posts import Timeline
from dashboard.prediction.serving.labeller import Labeller


@dataclass(frozen=True)
class Fetched:
    """The timelines or counts of a query's accounts, in the order of the query, and what else a report needs.

    `failures` maps the canonical names of accounts that couldn't be read to the reason. `remarks` are sentences that the caller adds to
    every report. `labeller` labels posts for the method `model`; it's None if no model is available.
    """

    answers: Sequence[Timeline | HourlyCounts] = ()
    failures: Mapping[str, SourceError] = field(default_factory=dict)
    remarks: Sequence[str] = ()
    labeller: Labeller | None = None
