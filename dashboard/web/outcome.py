"""What a page shows in the end: the answer, or the form with what went wrong."""

from dataclasses import dataclass, field
from typing import Any


@dataclass
class Outcome:
    """What a page shows in the end: an answer with its figures, or a form with what went wrong."""

    result: Any = None
    figures: list[dict[str, Any]] = field(default_factory=list)
    form: Any = None
    error_title: str = ""
    needs_sign_in: bool = False  # whether signing in would show more
