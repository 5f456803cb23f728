"""Analyzing on a Dask cluster: equal tables, a worker that is lost, and workers and schedulers that can't be used."""

import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from distributed import LocalCluster

from dashboard.core.clock import system_clock
from dashboard.core.errors import InvalidSetting
from dashboard.scale import dask_pool
from dashboard.scale.options import Options
from tests.support import collections
from tests.support.collections import Answers

pytestmark = [
    pytest.mark.server,
    pytest.mark.filterwarnings("default"),  # of Dask's own
]
PARAMETERS = {"interval": "day", "measure": "mean", "method": "vader"}


@pytest.fixture
def cluster() -> Iterator[LocalCluster]:
    """Two worker processes and a scheduler."""
    with LocalCluster(n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address=None) as two_workers:
        yield two_workers


def kill_first_worker(cluster: LocalCluster, work_folder: Path) -> None:
    """Kill a worker as soon as the first partition is finished."""
    while not list(work_folder.glob("0*.json")):
        time.sleep(0.01)
    os.kill(next(iter(cluster.workers.values())).process.pid, signal.SIGKILL)


@pytest.mark.faults
@pytest.mark.long
def test_a_cluster_gives_the_tables_of_one_process_though_a_worker_is_killed(cluster: LocalCluster, tmp_path: Path) -> None:
    """What a lost worker was doing is done by another, and the tables are equal to the last digit."""
    paths = collections.write_sample(tmp_path / "files", accounts=5, posts_per_account=1_500)
    one = collections.analyze(paths, tmp_path / "one")
    killer = threading.Thread(target=kill_first_worker, daemon=True, args=(cluster, tmp_path / "several" / "analyzing-posts"))
    killer.start()
    with dask_pool.open_pool(cluster.scheduler_address) as pool:
        several = collections.analyze(paths, tmp_path / "several", pool=pool)
    killer.join()
    names = [account.name for account in one.accounts]
    folders = {"one": one, "several": several}
    tables = [Answers(tmp_path / folder).table("sentiment", dataset, names, **PARAMETERS) for folder, dataset in folders.items()]
    assert several.accounts == one.accounts
    assert tables[1].equals(tables[0])


def test_workers_with_another_version_are_refused(cluster: LocalCluster) -> None:
    """Their scores could differ, so nothing begins."""
    options = Options(("bing",), system_clock())
    versions = dask_pool.describe_worker(options)
    with dask_pool.open_pool(cluster.scheduler_address) as pool:
        pool.check_workers(options, versions)
        with pytest.raises(InvalidSetting, match=r"The worker tcp://\S+ has another version of bing"):
            pool.check_workers(options, versions | {"bing": "another lexicon"})


def test_a_scheduler_that_does_not_answer_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """The error says which option to check."""
    monkeypatch.setattr(dask_pool, "_CONNECT_SECONDS", 1)
    with (
        pytest.raises(dask_pool.SchedulerUnavailable, match=r"The scheduler at tcp://127\.0\.0\.1:1 doesn't answer"),
        dask_pool.open_pool("tcp://127.0.0.1:1"),
    ):
        pass


def close_after_first_result(cluster: LocalCluster, work_folder: Path) -> None:
    """Stop the scheduler as soon as the first partition is finished."""
    while not list(work_folder.glob("0*.json")):
        time.sleep(0.01)
    cluster.close(timeout=5)


@pytest.mark.faults
@pytest.mark.long
def test_a_scheduler_that_disappears_ends_the_run_and_the_next_one_continues(cluster: LocalCluster, tmp_path: Path) -> None:
    """The error says so, nothing is served, and what was read is kept."""
    paths = collections.write_sample(tmp_path / "files", accounts=5, posts_per_account=1_500)
    work = tmp_path / "kept" / "analyzing-posts"
    closer = threading.Thread(target=close_after_first_result, daemon=True, args=(cluster, work))
    closer.start()
    with dask_pool.open_pool(cluster.scheduler_address) as pool, pytest.raises(dask_pool.SchedulerUnavailable, match="has disappeared"):
        collections.analyze(paths, tmp_path / "kept", pool=pool)
    closer.join()
    assert list(work.glob("0*.json"))
    assert collections.analyze(paths, tmp_path / "kept").accounts_total == 5
