"""What was read for a question, as one value: everything that a report is built from besides the question itself.

No fetching and no computing here: `web.fetching` fills it, `Analysis` reads it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from dashboard.core.counts import HourlyCounts
from dashboard.core.errors import SourceError
from dashboard.core.posts import Timeline
from dashboard.prediction.serving.labeller import Labeller


@dataclass(frozen=True)
class Fetched:
    """The answers of a question's accounts, in the order of the question, and what goes with them.

    `failures` are the accounts that could not be read, by canonical name; `remarks` what the caller has to say of the numbers;
    `labeller` labels posts for the method `model`, None where no model can be asked.
    """

    answers: Sequence[Timeline | HourlyCounts] = ()
    failures: Mapping[str, SourceError] = field(default_factory=dict)
    remarks: Sequence[str] = ()
    labeller: Labeller | None = None
