"""Compares the server's requests per second with gunicorn's gthread worker, and with 1,000 idle connections. Part of `make bench`.

Both servers run at the same time and get requests in turn. Rates depend on what else the machine does. Requests per CPU second of the
worker process hardly do, so compare those on a busy machine.
"""

import contextlib
import json
import os
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
ROUNDS, ROUND_SECONDS, CONNECTIONS, IDLE_CONNECTIONS = 7, 1.5, 8, 900
OURS, BASELINE = "dashboard.server.worker.ServerWorker", "gthread"
LOADING_TEXTS = ["Das Wetter ist heute sehr schön und warm.", "Quousque tandem abutere, Catilina, patientia nostra?"]


def post_prediction(body: object) -> bytes:
    """Return a request for a prediction."""
    content = json.dumps(body).encode()
    head = b"POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
    return head % len(content) + content


REQUESTS = {
    "/health": b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "/predict": post_prediction({"text": "I love the new line, it is great!"}),
    "/frequency.csv": b"GET /frequency.csv?users=demo:aster-air HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "chorus.css": b"GET /static/chorus.css HTTP/1.1\r\nHost: localhost\r\n\r\n",
}


@dataclass(frozen=True)
class Server:
    """A running server: its port, and the process ID of its only worker."""

    port: int
    worker_id: int

    def cpu_seconds(self) -> float:
        """Return the CPU time that the worker has used."""
        times = Path(f"/proc/{self.worker_id}/stat").read_text().rpartition(")")[2].split()[11:13]
        return sum(map(int, times)) / os.sysconf("SC_CLK_TCK")


@contextlib.contextmanager
def serve(worker_class: str) -> Iterator[Server]:
    """Serve Chorus with a worker class on a free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ} | {"PORT": str(port)}
    command = [sys.executable, "-m", "gunicorn", "--worker-class", worker_class, "dashboard.app:create_app()"]
    server = subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.DEVNULL)
    try:
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)) as connection:
                exchange(connection, post_prediction({"texts": LOADING_TEXTS}))  # which need the models for other languages, too
                break
            time.sleep(0.05)
        time.sleep(3)  # lets the warm-up finish
        children = Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text().split()
        yield Server(port, int(children[0]))
    finally:
        server.terminate()
        server.wait(20)


def exchange(connection: socket.socket, request: bytes) -> None:
    """Send a request and read its response, which must be a 200 with a length."""
    connection.sendall(request)
    received = b""
    while (end := received.find(b"\r\n\r\n")) < 0:
        received += connection.recv(65_536)
    head = received[:end].lower()
    assert head.startswith(b"http/1.1 200"), head
    missing = int(head.partition(b"content-length:")[2].partition(b"\r")[0]) - (len(received) - end - 4)
    while missing > 0:
        missing -= len(connection.recv(65_536))


def measure_rates(server: Server, request: bytes) -> tuple[float, float]:
    """Return how many requests the server answers on a few connections: per second, and per CPU second of its worker."""
    counts, cpu_before, ends_at = [0] * CONNECTIONS, server.cpu_seconds(), time.perf_counter() + ROUND_SECONDS

    def repeat(number: int) -> None:
        with socket.create_connection(("127.0.0.1", server.port)) as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            while time.perf_counter() < ends_at:
                exchange(connection, request)
                counts[number] += 1

    threads = [threading.Thread(target=repeat, args=[number]) for number in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / ROUND_SECONDS, sum(counts) / max(0.01, server.cpu_seconds() - cpu_before)


def compare(title: str, base: Server, other: Server, request: bytes) -> None:
    """Print the median rates of two servers and their ratios."""
    rounds = [(measure_rates(base, request), measure_rates(other, request)) for _ in range(ROUNDS)]
    cells = []
    for kind in (0, 1):
        first, second = (statistics.median(rates[server][kind] for rates in rounds) for server in (0, 1))
        cells.append(f"{first:8.0f} {second:8.0f} {second / first:6.2f}")
    print(f"{title:16} {'   '.join(cells)}")


def print_heading(base: str, other: str) -> None:
    """Print the headings of a table."""
    print(f"{'':16} {'requests per second':>24}   {'per CPU second':>24}")
    print(f"{'':16} " + "   ".join(2 * [f"{base:>8} {other:>8} {'ratio':>6}"]))


def main() -> None:
    """Print a line per request, for gthread and ours, and then for ours without and with idle connections."""
    with serve(BASELINE) as baseline, serve(OURS) as ours, serve(OURS) as crowded, contextlib.ExitStack() as stack:
        print_heading("gthread", "ours")
        for title, request in REQUESTS.items():
            compare(title, baseline, ours, request)
        for _ in range(IDLE_CONNECTIONS):
            exchange(stack.enter_context(socket.create_connection(("127.0.0.1", crowded.port))), REQUESTS["/health"])
        print_heading("0 idle", f"{IDLE_CONNECTIONS} idle")
        for title in ("/health", "/frequency.csv"):
            compare(title, ours, crowded, REQUESTS[title])


if __name__ == "__main__":
    main()
