"""How many inputs a test tries: few in `make test-fast`, more in `make test`, many in `make faults`, which prints them. No test in here."""

import itertools
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import hypothesis
import pytest

PROFILE = "faults"  # of Hypothesis; `make faults` chooses it
ONLY_IN_FAULTS = (pytest.mark.faults, pytest.mark.long)  # marks of a case that `make test` leaves out
FAST_PROFILE = "fast"  # `make test-fast` chooses it
_FACTOR = 10
_DIVISOR = 3  # in `make test`: a third of the inputs find nearly all that all of them find, and `make faults` tries thirty times as many
_FAST_DIVISOR = 5
_DEFAULT_EXAMPLES = 100  # as Hypothesis has it
_PROPERTY = "inputs tried"
_counts = Counter[str]()  # of the test that runs


def register_profiles() -> None:
    """Let `--hypothesis-profile` choose `faults`, with ten times as many examples as Hypothesis has, or `fast`, with a fifth.

    The profile that is loaded here, with a third as many, applies unless the option names another. No example fails because the machine
    is slow.
    """
    patient = hypothesis.settings(deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
    hypothesis.settings.register_profile(PROFILE, patient, max_examples=_DEFAULT_EXAMPLES * _FACTOR)
    hypothesis.settings.register_profile(FAST_PROFILE, patient, max_examples=_DEFAULT_EXAMPLES // _FAST_DIVISOR)
    hypothesis.settings.register_profile("patient", patient, max_examples=_DEFAULT_EXAMPLES // _DIVISOR)
    hypothesis.settings.load_profile("patient")


def is_chosen() -> bool:
    """Return whether this is `make faults`."""
    return hypothesis.settings.get_current_profile_name() == PROFILE


def scale_examples(count: int, divisor: int = _DIVISOR) -> int:
    """Return how many inputs to try: ten times `count` in `make faults`, otherwise as `reduce_examples` says."""
    return count * _FACTOR if is_chosen() else reduce_examples(count, divisor)


def reduce_examples(count: int, divisor: int = _DIVISOR) -> int:
    """Return how many inputs to try: `count` in `make faults`, by default a third of it in `make test`, or a fifth in `make test-fast`."""
    is_fast = hypothesis.settings.get_current_profile_name() == FAST_PROFILE
    return count if is_chosen() else max(1, count // (max(_FAST_DIVISOR, divisor) if is_fast else divisor))


def list_cases(few: Sequence[tuple[Any, ...]], *values: Sequence[Any]) -> list[Any]:
    """Return every combination of these values as a case of a test. `make test` runs only the `few`, and `make faults` all."""
    cases = list(itertools.product(*values))
    assert set(few) <= set(cases)
    return [case if case in few else pytest.param(*case, marks=ONLY_IN_FAULTS) for case in cases]


def count_inputs(kind: str, count: int = 1) -> None:
    """Count the inputs of the test that runs, for the summary of `make faults`."""
    _counts[kind] += count


def take_counts() -> list[tuple[str, object]]:
    """Return the counts of a test as properties of its report, and start again."""
    properties: list[tuple[str, object]] = [(_PROPERTY, list(item)) for item in _counts.items()]
    _counts.clear()
    return properties


def summarize_inputs(reports: Iterable[Any]) -> list[str]:
    """Return a line per kind of input that the reported tests have tried."""
    counts = Counter[str]()
    for report in reports:
        for name, value in report.user_properties:
            if name == _PROPERTY:
                counts[value[0]] += value[1]
    return [f"{count:,} {kind}" for kind, count in sorted(counts.items())]
