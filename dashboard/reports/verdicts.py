"""Sums up what the sentiment methods make of one post in a few words. How a method scores posts belongs in `analytics`."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from dashboard.core.formatting.numbers import format_small_number
from dashboard.core.messages import gettext, translatable
from dashboard.core.polarities import name_polarity, name_polarity_within_sentence

_POLARITIES = {1: "positive", 0: "neutral", -1: "negative"}
_TONES = {1: "up", 0: "flat", -1: "down"}
_MAX_NUMBER_IN_WORDS = 6  # of methods
_UNANIMOUS = {
    1: translatable("Positive by all %(count)s methods"),
    0: translatable("Neutral by all %(count)s methods"),
    -1: translatable("Negative by all %(count)s methods"),
}
_UNANIMOUS_PAIRS = {
    1: translatable("Positive by both methods"),
    0: translatable("Neutral by both methods"),
    -1: translatable("Negative by both methods"),
}


@dataclass(frozen=True)
class Verdict:
    """What the methods make of a post together: a sentence without its full stop, and up, down or flat."""

    text: str
    polarity: str


def sum_up(verdicts: Sequence[int | None]) -> Verdict:
    """Return the verdict on a post from those of the methods (1, 0 or −1): shared by all of them, or how many say what.

    Methods that don't know the post have None and aren't counted.
    """
    known = [verdict for verdict in verdicts if verdict is not None]
    counts = sorted(Counter(known).items(), key=lambda pair: (-pair[1], -pair[0]))
    if not counts:
        return Verdict(gettext("No sentiment"), "flat")
    if len(counts) > 1:
        opinions = ", ".join(f"{count} {name_polarity_within_sentence(_POLARITIES[verdict])}" for verdict, count in counts)
        return Verdict(gettext("Methods disagree: %(opinions)s", opinions=opinions), "flat")
    return Verdict(_describe_agreement(known[0], len(known)), _TONES[known[0]])


def _describe_agreement(verdict: int, count: int) -> str:
    if count == 1:
        return name_polarity(_POLARITIES[verdict])
    if count == 2:
        return gettext(_UNANIMOUS_PAIRS[verdict])
    return gettext(_UNANIMOUS[verdict], count=format_small_number(count) if count <= _MAX_NUMBER_IN_WORDS else count)
