"""Configures gunicorn: one worker process with several threads, and nothing loaded before the fork.

The port and the log format come from Chorus's settings; other settings of Chorus don't belong here.
"""

import contextlib
import ctypes
import gc
import os
import sys

# Before the libraries load. NumPy: our matrices are small, so threads cost more than they gain. polars: what each thread would keep of
# the memory that it has freed, about 2 MiB, adds up to 100 MiB with all the threads that may wait.
# The two times of decay are those that polars sets itself if it finds nothing. pydantic: looking for plugins, of which we have none, means
# reading the metadata of every installed package.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("_RJEM_MALLOC_CONF", "narenas:2,tcache:false,dirty_decay_ms:500,muzzy_decay_ms:1000")
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")

from dashboard.config.settings import load_settings
from dashboard.core.errors import InvalidSetting
from dashboard.telemetry import logs

gc.disable()  # until each process serves: while libraries load, hardly anything is garbage, and looking for it takes a tenth of the time

try:
    _settings = load_settings(os.environ)
except InvalidSetting as error:
    sys.exit(error.message)

bind = f"0.0.0.0:{_settings.port}"
logconfig_dict = logs.build_logging_config(_settings)
worker_class, workers = "dashboard.server.worker.ServerWorker", 1
threads = max(2, os.cpu_count() or 1)  # requests that are worked on at the same time; others may wait for networks meanwhile
timeout, graceful_timeout, keepalive = 120, 8, 75
limit_request_line = 8190  # enough for 20 accounts with long names
control_socket_disable = True
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None


def when_ready(server):
    """Collect garbage in the parent, which has loaded by now all that it needs."""
    gc.enable()


def post_fork(server, worker):
    """Collect no garbage while the worker loads, and make glibc return memory to the system, if there is glibc.

    One arena per thread would cost 30 MiB more. glibc keeps up to 2 MiB of freed memory. Otherwise the arrays of each batch of predictions
    get new pages, which the system clears first: half of the time.
    """
    gc.disable()
    arena_max, trim_threshold, mmap_threshold = -8, -1, -3
    with contextlib.suppress(AttributeError, OSError):
        libc = ctypes.CDLL(None)
        libc.mallopt(arena_max, 2)
        libc.mallopt(trim_threshold, 2 * 1024 * 1024)
        libc.mallopt(mmap_threshold, 2 * 1024 * 1024)


def post_worker_init(worker):
    """Collect garbage again, and load the heavy libraries in the background once the worker is listening.

    The first chart doesn't have to wait for them then.
    """
    from dashboard.web.warmup import start

    gc.freeze()  # what is loaded by now stays
    gc.enable()
    logs.install_exception_hooks()
    start(worker.wsgi, lambda: getattr(worker, "is_idle", True))  # gunicorn's own workers can't tell
