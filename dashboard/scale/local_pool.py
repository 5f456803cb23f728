"""Runs tasks in processes of this machine, one for each core, and survives a process that a damaged file ends.

Processes are spawned, because polars hangs in a forked one. What tasks do doesn't belong here.
"""

import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from itertools import islice
from typing import Any, Generic, TypeVar

Task = TypeVar("Task")
Result = TypeVar("Result")
_POLL_SECONDS = 0.5
_THREAD_VARIABLES = ("POLARS_MAX_THREADS", "OPENBLAS_NUM_THREADS")
_counters: Any = None  # in a process of the pool: the bytes and the posts that all processes have read


class ProcessLost(Exception):
    """A task ended its process, twice."""


def report_progress(size: int, posts: int) -> None:
    """Add to what the processes of the pool have read."""
    if _counters is not None:
        with _counters.get_lock():
            _counters[0] += size
            _counters[1] += posts


class LocalPool:
    """Processes that run functions of tasks. `on_progress` is called now and then with the bytes and the posts read so far."""

    def __init__(self, worker_count: int, on_progress: Callable[[int, int], None] = lambda size, posts: None) -> None:
        self.worker_count, self._on_progress = worker_count, on_progress
        self._context = multiprocessing.get_context("spawn")
        self._counters = self._context.Array("q", 2)

    def check_workers(self, options: object, versions: object) -> None:
        """Do nothing: processes of this machine have the same code."""

    def report_progress(self, size: int, posts: int) -> None:
        """Add to what the processes of the pool have read."""
        with self._counters.get_lock():
            self._counters[0] += size
            self._counters[1] += posts

    def run(self, function: Callable[[Task], Result], tasks: Iterable[Task]) -> Iterator[tuple[Task, Result | Exception]]:
        """Yield each task with its result, or with the error that it raised, in the order in which they end.

        Tasks are taken when a process is about to be free, so they may be made one by one.
        A task whose process ended is tried again alone; if that process ends too, its error is ProcessLost.
        """
        remaining = iter(tasks)
        with _single_threaded_libraries(), _hidden_main_module():
            while True:
                run = _Run(self._start(self.worker_count), function, remaining, self.worker_count + 1)
                yield from self._finish(run)
                if not run.lost:
                    return
                for task in run.lost:
                    yield from self._run_alone(function, task)

    def _run_alone(self, function: Callable[[Task], Result], task: Task) -> Iterator[tuple[Task, Result | Exception]]:
        run = _Run(self._start(1), function, iter([task]), 1)
        yield from self._finish(run)
        yield from ((lost, ProcessLost()) for lost in run.lost)

    def _finish(self, run: "_Run[Task, Result]") -> Iterator[tuple[Task, Result | Exception]]:
        try:
            for ended in run.iter_ended(_POLL_SECONDS):
                self._on_progress(*self._counters[:])
                if ended is not None:
                    yield ended
        finally:
            run.stop()

    def _start(self, worker_count: int) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(worker_count, self._context, _start_process, (self._counters, os.getpid()))


class _Run(Generic[Task, Result]):
    """One executor, the tasks that it takes, and those that were `lost` when a process ended."""

    def __init__(self, executor: ProcessPoolExecutor, function: Callable[[Task], Result], tasks: Iterator[Task], max_pending: int) -> None:
        self._executor, self._function, self._max_pending = executor, function, max_pending
        self._tasks, self.lost = tasks, list[Task]()
        self._pending: dict[Future[Result], Task] = {}

    def iter_ended(self, poll_seconds: float) -> Iterator[tuple[Task, Result | Exception] | None]:
        """Yield tasks that ended, and None now and then, until all have, or until a process is lost."""
        while not self.lost:
            for task in islice(self._tasks, self._max_pending - len(self._pending)):
                self._submit(task)
            if not self._pending:
                return
            done, _ = wait(self._pending, timeout=poll_seconds, return_when=FIRST_COMPLETED)
            yield None
            yield from self._take(done)

    def _submit(self, task: Task) -> None:
        try:
            self._pending[self._executor.submit(self._function, task)] = task
        except BrokenProcessPool:
            self.lost.append(task)

    def _take(self, done: Iterable[Future[Result]]) -> Iterator[tuple[Task, Result | Exception]]:
        for future in done:
            task = self._pending.pop(future)
            error = future.exception()
            if isinstance(error, BrokenProcessPool):
                self.lost.append(task)
            elif isinstance(error, Exception):
                yield task, error
            elif error is not None:
                raise error
            else:
                yield task, future.result()
        if self.lost:
            self.lost += self._pending.values()
            self._pending.clear()

    def stop(self) -> None:
        """End the processes; nobody waits for what they are doing."""
        processes = list((self._executor._processes or {}).values())
        if self._pending:
            for process in processes:
                process.terminate()
        self._executor.shutdown(wait=not self._pending, cancel_futures=True)


def _start_process(counters: Any, parent_id: int) -> None:
    """Prepare a process of the pool: Ctrl-C is its parent's business, and it ends with its parent."""
    global _counters
    _counters = counters
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, args=(parent_id,), daemon=True).start()


def _end_with_parent(parent_id: int) -> None:
    while os.getppid() == parent_id:
        time.sleep(_POLL_SECONDS)
    os._exit(1)


@contextmanager
def _single_threaded_libraries() -> Iterator[None]:
    """Let polars and NumPy use one thread in each process, because there is a process for each core."""
    before = {name: os.environ.get(name) for name in _THREAD_VARIABLES}
    os.environ.update(dict.fromkeys(_THREAD_VARIABLES, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


@contextmanager
def _hidden_main_module() -> Iterator[None]:
    """Keep spawned processes from running the script of the command again, which they would to find what it defines."""
    main = sys.modules["__main__"]
    hidden: dict[str, Any] = {name: main.__dict__[name] for name in ("__file__", "__spec__") if name in main.__dict__}
    main.__dict__.pop("__file__", None)
    main.__dict__["__spec__"] = None
    try:
        yield
    finally:
        main.__dict__.update(hidden)
