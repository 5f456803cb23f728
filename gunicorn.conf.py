"""How Chorus is served: one process, some threads, nothing loaded before the fork. gunicorn reads PORT itself."""

import os

bind = f"0.0.0.0:{os.environ.get('PORT', '8080')}"
worker_class, workers, threads = "gthread", 1, 8
timeout, graceful_timeout, keepalive = 120, 8, 75
limit_request_line = 8190  # 20 accounts with long names
control_socket_disable = True
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None


def post_worker_init(worker):
    """Load the heavy libraries in the background once the worker listens, so that nobody's first chart waits for them."""
    from dashboard.web.warmup import begin

    begin(worker.wsgi)
