"""The values to label on a logarithmic axis, which begins at 0 because it shows log(1 + value)."""

from dashboard.core.formatting.numbers import format_compact

_DENSE_BELOW = 1_200  # where an axis with extra ticks ends at most


def list_log_ticks(end: float) -> list[tuple[int, str]]:
    """Return the values to label on an axis that ends at `end`, with their labels: 0, 1, 10, 100, 1k, and also 3, 30 if it is short."""
    steps = (1, 3) if end < _DENSE_BELOW else (1,)
    values = [0, *(step * 10**power for power in range(10) for step in steps)]
    return [(value, format_compact(value)) for value in values if value <= end]
