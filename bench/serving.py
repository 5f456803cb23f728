"""Compares the server's requests per second with gunicorn's gthread worker, and with 1,000 idle connections. Part of `make bench`.

Both servers run at the same time and are asked in turn, so the ratios hold on a busy machine; the rates themselves don't.
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
from pathlib import Path

ROOT = Path(__file__).parents[1]
ROUNDS, ROUND_SECONDS, CONNECTIONS, IDLE_CONNECTIONS = 7, 1.5, 8, 900
OURS, BASELINE = "dashboard.server.worker.ServerWorker", "gthread"
BODY = json.dumps({"text": "I love the new line, it is great!"}).encode()
POST = b"POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(BODY) + BODY
REQUESTS = {
    "/health": b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "/predict": POST,
    "/frequency.csv": b"GET /frequency.csv?users=demo:aster-air HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "chorus.css": b"GET /static/chorus.css HTTP/1.1\r\nHost: localhost\r\n\r\n",
}


@contextlib.contextmanager
def serve(worker_class: str) -> Iterator[int]:
    """Serve Chorus with a worker class on a free port, and yield the port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ} | {"PORT": str(port)}
    command = [sys.executable, "-m", "gunicorn", "--worker-class", worker_class, "dashboard.app:create_app()"]
    server = subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.DEVNULL)
    try:
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)) as connection:
                ask(connection, REQUESTS["/health"])
                break
            time.sleep(0.05)
        time.sleep(3)  # lets the warm-up finish
        yield port
    finally:
        server.terminate()
        server.wait(20)


def ask(connection: socket.socket, request: bytes) -> None:
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


def measure_rate(port: int, request: bytes) -> float:
    """Return how many requests per second the server answers on a few connections."""
    counts, ends_at = [0] * CONNECTIONS, time.perf_counter() + ROUND_SECONDS

    def repeat(number: int) -> None:
        with socket.create_connection(("127.0.0.1", port)) as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            while time.perf_counter() < ends_at:
                ask(connection, request)
                counts[number] += 1

    threads = [threading.Thread(target=repeat, args=[number]) for number in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / ROUND_SECONDS


def compare(title: str, ports: dict[str, int], request: bytes) -> None:
    """Print the median rates of two servers, and the median of their ratio round by round."""
    rounds = [{name: measure_rate(port, request) for name, port in ports.items()} for _ in range(ROUNDS)]
    base, other = ports
    first, second = (statistics.median(rates[name] for rates in rounds) for name in ports)
    ratio = statistics.median(rates[other] / rates[base] for rates in rounds)
    print(f"{title:32} {first:8.0f} {second:8.0f} {ratio:6.2f}")


def main() -> None:
    """Print a line per request: rate with gthread, rate with ours, ratio; then the same for ours with idle connections."""
    with serve(BASELINE) as baseline, serve(OURS) as ours, serve(OURS) as crowded:
        print(f"{'requests per second':32} {'gthread':>8} {'ours':>8} {'ratio':>6}")
        for title, request in REQUESTS.items():
            compare(title, {"gthread": baseline, "ours": ours}, request)
        print(f"{'':32} {'0 idle':>8} {f'{IDLE_CONNECTIONS} idle':>8} {'ratio':>6}")
        with contextlib.ExitStack() as stack:
            for _ in range(IDLE_CONNECTIONS):
                ask(stack.enter_context(socket.create_connection(("127.0.0.1", crowded))), REQUESTS["/health"])
            for title in ("/health", "/frequency.csv"):
                compare(title, {"none": ours, "idle": crowded}, REQUESTS[title])


if __name__ == "__main__":
    main()
