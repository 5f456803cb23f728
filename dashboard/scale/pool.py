"""What runs tasks: processes of this machine, or the workers of a cluster. Tasks and functions belong elsewhere."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Protocol, TypeVar

from dashboard.scale.options import Options

_Task = TypeVar("_Task")
_Result = TypeVar("_Result")


class Pool(Protocol):
    """Runs tasks in other processes. `worker_count` is how many of them can get posts that this process has read."""

    worker_count: int

    def report_progress(self, size: int, posts: int, /) -> None:
        """Add to the bytes and posts that have been read."""
        ...

    def check_workers(self, options: Options, versions: Mapping[str, str], /) -> None:
        """Raise a ChorusError if the processes can't do the work, or would do it differently."""
        ...

    def run(self, function: Callable[[_Task], _Result], tasks: Iterable[_Task], /) -> Iterator[tuple[_Task, _Result | Exception]]:
        """Yield each task with its result or its error, in the order in which they end."""
        ...


def run_all(pool: Pool, function: Callable[[_Task], _Result], tasks: Sequence[_Task]) -> list[_Result]:
    """Return the results of all tasks, in no particular order. Raises the first error.

    A single task is run here, because starting processes takes a second of processor time.
    """
    if len(tasks) == 1:
        return [function(tasks[0])]
    results = list[_Result]()
    for _, outcome in pool.run(function, tasks):
        if isinstance(outcome, Exception):
            raise outcome
        results.append(outcome)
    return results
