"""Runs tasks on the workers of a Dask cluster, which read the same files and write to the same folder as this process.

A worker that is lost costs only what it was doing. What tasks do doesn't belong here.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

from distributed import Client, as_completed
from distributed.scheduler import KilledWorker

from dashboard import __version__
from dashboard.core.errors import ChorusError, InvalidSetting
from dashboard.core.formatting.counts import pluralize
from dashboard.scale.local_pool import ProcessLost
from dashboard.scale.options import Options
from dashboard.scale.post_facts import PostAnalyzer

_RETRIES = 2
_CONNECT_SECONDS = 10
_Task = TypeVar("_Task")
_Result = TypeVar("_Result")


class SchedulerUnavailable(ChorusError):
    """The scheduler can't be reached, or has disappeared."""


class DaskPool:
    """The workers of one scheduler, which read files themselves.

    `on_progress` is called with the bytes and the rows that finished tasks have read.
    """

    worker_count = 1

    def __init__(self, client: Client, on_progress: Callable[[int, int], None] = lambda size, posts: None) -> None:
        self._client, self._on_progress = client, on_progress

    def report_progress(self, size: int, posts: int) -> None:
        """Do nothing, because this process reads no posts."""

    @property
    def dashboard_url(self) -> str:
        """The address of the scheduler's own page about its workers and tasks."""
        return str(self._client.dashboard_link)

    def check_workers(self, options: Options, versions: Mapping[str, str]) -> None:
        """Raise InvalidSetting if there are no workers, or if one has another version of Chorus, of a lexicon or of a model."""
        versions_by_worker = self._client.run(describe_worker, options)
        if not versions_by_worker:
            raise InvalidSetting("The scheduler has no workers.", "Start some with `dask worker ADDRESS`.")
        expected = {"Chorus": __version__} | dict(versions)
        for worker, actual in versions_by_worker.items():
            if different := sorted(name for name in expected if actual.get(name) != expected[name]):
                detail = (
                    f"The worker {worker} has {pluralize(len(different), 'another version', 'other versions')} of {', '.join(different)}."
                )
                raise InvalidSetting(detail, "Install the same version of Chorus, and the same model, on every worker.")

    def run(self, function: Callable[[_Task], _Result], tasks: Iterable[_Task]) -> Iterator[tuple[_Task, _Result | Exception]]:
        """Yield each task with its result or its error, in the order in which they end. Raises SchedulerUnavailable."""
        remaining = list(tasks)
        futures = self._client.map(function, remaining, pure=False, retries=_RETRIES)
        task_by_key = {future.key: task for future, task in zip(futures, remaining, strict=True)}
        size, posts = 0, 0
        for future in as_completed(futures, loop=self._client.loop):
            task, outcome = task_by_key[future.key], _collect(future)
            size, posts = size + getattr(task, "size", 0), posts + getattr(outcome, "rows_read", 0)
            self._on_progress(size, posts)
            yield task, outcome
            future.release()


@contextmanager
def open_pool(address: str, on_progress: Callable[[int, int], None] = lambda size, posts: None) -> Iterator[DaskPool]:
    """Connect to a scheduler. Raises SchedulerUnavailable if it doesn't answer."""
    try:
        client = Client(address, timeout=_CONNECT_SECONDS, set_as_default=False)
    except (OSError, ValueError) as error:
        raise SchedulerUnavailable(f"The scheduler at {address} doesn't answer.", "Check --scheduler.") from error
    try:
        yield DaskPool(client, on_progress)
    finally:
        client.close(timeout=_CONNECT_SECONDS)


def describe_worker(options: Options) -> dict[str, str]:
    """Return what tells the results of this process from those of others."""
    return {"Chorus": __version__} | PostAnalyzer(options).find_versions()


def _collect(future: Any) -> Any:
    """Return the result of a future, or its error; that of a task whose workers were all lost is ProcessLost."""
    if future.status == "finished":
        return future.result()
    if future.status in ("cancelled", "lost"):
        raise SchedulerUnavailable("The scheduler has disappeared.", "What was read is kept: once it is back, the same command continues.")
    error = future.exception()
    return ProcessLost() if isinstance(error, KilledWorker) else error
