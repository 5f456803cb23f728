"""What somebody may have meant by something that was typed wrong: messages name it, and pages link to it.

What is suggested is decided where a text is read. Nothing is asked of a network here.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from dashboard.core.formatting.texts import format_list
from dashboard.core.messages import gettext


@dataclass(frozen=True)
class Suggestion:
    """Something that may have been meant: `value` is what to enter instead, `label` what it's called."""

    label: str
    value: str


@dataclass(frozen=True)
class Correction:
    """A problem with a part of a field: a sentence about it, the part as it was typed, and what may have been meant."""

    sentence: str
    typed: str = ""
    suggestions: tuple[Suggestion, ...] = ()

    @property
    def message(self) -> str:
        """The sentence, followed by a question that names the suggestions."""
        return self.sentence + format_question(self.suggestions)


class CorrectableError(ValueError):
    """A text that can't be used, with a correction for each part that is wrong."""

    def __init__(self, *corrections: Correction) -> None:
        super().__init__(" ".join(correction.message for correction in corrections))
        self.corrections = corrections


def format_question(suggestions: Sequence[Suggestion]) -> str:
    """Return ` Did you mean @nasa or nasa.bsky.social?`, with the space before it; empty without suggestions."""
    labels = [suggestion.label for suggestion in suggestions]
    return " " + gettext("Did you mean %(accounts)s?", accounts=format_list(labels, conjunction="or")) if labels else ""
