"""Sums up what the sentiment methods make of one post in a few words. How a method scores posts belongs in `analytics`."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

_WORDS = {1: "positive", 0: "neutral", -1: "negative"}
_TONES = {1: "up", 0: "flat", -1: "down"}
_ALL_METHODS = {2: "both", 3: "all three", 4: "all four", 5: "all five", 6: "all six"}


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
        return Verdict("No sentiment", "flat")
    if len(counts) > 1:
        return Verdict(f"Methods disagree: {', '.join(f'{count} {_WORDS[verdict]}' for verdict, count in counts)}", "flat")
    return Verdict(_WORDS[known[0]].capitalize() + _describe_agreement(len(known)), _TONES[known[0]])


def _describe_agreement(count: int) -> str:
    return f" by {_ALL_METHODS.get(count, f'all {count}')} methods" if count > 1 else ""
