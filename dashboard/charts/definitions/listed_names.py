"""How the texts of charts list accounts."""

from collections.abc import Sequence

from dashboard.core.formatting.texts import format_list

_MAX_LISTED_NAMES = 4  # in a sentence


def list_names(names: Sequence[str]) -> str:
    """List names in a sentence about a chart: all of them if there are at most four, otherwise the first three."""
    return format_list(names, _MAX_LISTED_NAMES)
