"""Decides how many processes analyze a collection, so that they stay below a limit of memory together. Pools belong in `local_pool`.

What a process takes was measured with up to ten million posts (docs/operate/growth.md). It doesn't grow with their number: slices, account
files and parts of these have at most so many rows.
"""

from collections.abc import Sequence

from dashboard.core.formatting.counts import format_count
from dashboard.core.methods import METHODS

DEFAULT_MEMORY_MB = 1_000
MIN_MEMORY_MB = 500
_COMMAND_MB = 160  # the process that was started
_PROCESS_MB, _MODEL_PROCESS_MB = 350, 460  # of each further process: by word lists and rules, and with a model


def count_processes(cores: int, memory_mb: int, methods: Sequence[str]) -> int:
    """Return how many processes to start: one for each core, or as many as the memory is enough for, but at least one."""
    return max(1, min(cores, (memory_mb - _COMMAND_MB) // _estimate_process_mb(methods)))


def explain_unused_cores(cores: int, memory_mb: int, methods: Sequence[str]) -> str:
    """Return a sentence on why there are fewer processes than cores, and what would change that; "" if there are as many."""
    processes = count_processes(cores, memory_mb, methods)
    if processes == cores:
        return ""
    process_mb = _estimate_process_mb(methods)
    limit = f"{memory_mb:,} MB of memory are enough for {format_count(processes, 'process', 'processes')} of up to {process_mb} MB"
    return f"Using {processes} of {cores} cores, because {limit}. With --memory {_COMMAND_MB + cores * process_mb}, all are used."


def _estimate_process_mb(methods: Sequence[str]) -> int:
    return _MODEL_PROCESS_MB if any(METHODS[method].needs_labeller for method in methods) else _PROCESS_MB
