"""What a page finally shows: the result, or the form with its problems."""

from dataclasses import dataclass, field
from typing import Any


@dataclass
class Outcome:
    """What a page finally shows: a result with its figures, or the form with its problems."""

    result: Any = None
    figures: dict[str, dict[str, Any]] = field(default_factory=dict)  # by kind of chart
    form: Any = None
    error_title: str = ""
    error_detail: str = ""  # what happened and what to do, unless that's at a field of the form
    needs_sign_in: bool = False  # whether signing in would show more
    read_offer: Any = None  # the button that starts a paid read, if confirming it would show more
    empty_period: Any = None  # what replaces the result if its period has no posts
