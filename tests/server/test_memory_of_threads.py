"""Threads keep no memory of what they have computed, so the memory of a busy server doesn't grow with the number of its threads."""

import os
import subprocess
import sys
import textwrap

import pytest

from tests.support.paths import ROOT

THREAD_COUNT = 80
MAX_GROWTH_KIB = 100 * THREAD_COUNT  # a stack takes some; without our setting, each thread keeps more than 400 KiB
PROGRAM = f"""
    import os, pathlib, re, runpy, threading, time

    if {{uses_our_setting}}:
        runpy.run_path("gunicorn.conf.py")  # as gunicorn does
    import polars as pl

    finished, gate = threading.Semaphore(0), threading.Event()

    def compute():
        for byte_count in (16, 64, 256, 1024, 4096, 16384):
            columns = [pl.Series(range(byte_count // 8)) for _ in range(100)]
            del columns
        finished.release()
        gate.wait()  # the thread goes on waiting, as those of the server do

    def start_and_measure(thread_count):
        for _ in range(thread_count):
            threading.Thread(target=compute, daemon=True).start()
        for _ in range(thread_count):
            finished.acquire()
        return int(re.search(r"RssAnon:\\s+(\\d+)", pathlib.Path("/proc/self/status").read_text())[1])

    before, ends_at = start_and_measure(4), time.monotonic() + 10
    growth = start_and_measure({THREAD_COUNT}) - before
    while growth > {MAX_GROWTH_KIB} and time.monotonic() < ends_at:
        time.sleep(0.1)  # polars returns freed memory within a second or two
        growth = start_and_measure(0) - before
    print(growth, flush=True)
    os._exit(0)
"""


def measure_growth(*, uses_our_setting: bool) -> int:
    """Return by how much 80 threads that have computed and wait increase the memory of a process, in KiB."""
    program = textwrap.dedent(PROGRAM).replace("{uses_our_setting}", str(uses_our_setting))
    environment = {name: text for name, text in os.environ.items() if name != "_RJEM_MALLOC_CONF"}  # which polars sets when it's imported
    command = [sys.executable, "-c", program]
    return int(subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, check=True, text=True, timeout=120).stdout)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_threads_that_wait_keep_no_memory() -> None:
    """With the settings of gunicorn.conf.py, threads return what they have freed."""
    assert measure_growth(uses_our_setting=True) < MAX_GROWTH_KIB


@pytest.mark.faults
@pytest.mark.long
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_without_our_setting_threads_keep_memory() -> None:
    """Once polars does without it, the setting can go."""
    assert measure_growth(uses_our_setting=False) > MAX_GROWTH_KIB
