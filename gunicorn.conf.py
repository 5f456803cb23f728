"""How Chorus is served: one process, some threads, nothing loaded before the fork. The settings say where, and how the log is written."""

import os
import sys

from dashboard import logs
from dashboard.config import read
from dashboard.errors import InvalidSetting

try:
    _settings = read(os.environ)
except InvalidSetting as error:
    sys.exit(error.sentence)

bind = f"0.0.0.0:{_settings.port}"
logconfig_dict = logs.configuration(_settings)
worker_class, workers, threads = "gthread", 1, 8
timeout, graceful_timeout, keepalive = 120, 8, 75
limit_request_line = 8190  # 20 accounts with long names
control_socket_disable = True
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None


def post_worker_init(worker):
    """Load the heavy libraries in the background once the worker listens, so that nobody's first chart waits for them."""
    from dashboard.web.warmup import begin

    logs.watch()
    begin(worker.wsgi)
