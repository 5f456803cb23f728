"""Garbage isn't collected while processes load, and is by each that serves, whatever the class of gunicorn's worker."""

import subprocess
import sys

from tests.support.paths import ROOT

STEPS = """
import gc, runpy, types
config = runpy.run_path("gunicorn.conf.py")
states = [gc.isenabled()]
for hook, arguments in [("when_ready", [None]), ("post_fork", [None, None]), ("post_worker_init", [types.SimpleNamespace(wsgi=None)])]:
    config[hook](*arguments)
    states.append(gc.isenabled())
print(states)
"""


def test_each_process_collects_garbage_once_it_serves() -> None:
    """First the parent loads and serves, then the worker, which inherits what the parent does."""
    finished = subprocess.run([sys.executable, "-c", STEPS], cwd=ROOT, capture_output=True, text=True, check=True)
    assert finished.stdout.split("\n")[0] == "[False, True, False, True]"
