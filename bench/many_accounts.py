"""Measures a report on twenty accounts of three networks: its time compared with the slowest account alone, and peak memory.

The networks are `tests/support/fake_networks.py` in a separate process, with a delay per page as in real networks. Targets: at most
MAX_TIME_RATIO times the slowest account alone, and less than MAX_PEAK_MB.
"""

import contextlib
import http.client
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

ROOT = Path(__file__).parents[1]
POSTS_PER_ACCOUNT = 3200
PAGE_SECONDS = float(os.environ.get("PAGE_SECONDS", "0.2"))  # delay of a network per page
NAMES = [f"account{number}" for number in range(20)]
X, BLUESKY, MASTODON = NAMES[:7], [f"{name}.bsky.social" for name in NAMES[7:14]], [f"{name}@mastodon.example" for name in NAMES[14:]]
TEXTS = [
    "We are happy to say that the new bridge opens on Monday, and everybody is welcome to the wonderful party!",
    "Delays on the northern line after a terrible storm; we are sorry for the trouble. See https://example.org/delays/2026 #trains",
    "Good news: the lovely old mill is safe. Thank you @friends for your great work, it was worth the hard winter.",
    "Nothing new today.",
]
MAX_PEAK_MB, MAX_TIME_RATIO = 400, 1.5


def serve_networks() -> None:
    """Serve the networks until standard input is closed; print their URL."""
    sys.path[:0] = [str(ROOT), str(ROOT / "tests")]
    from tests.support import fake_networks

    class SlowWorld(fake_networks.World):
        def respond(self, request: fake_networks.Request) -> fake_networks.Response:
            time.sleep(PAGE_SECONDS)
            return super().respond(request)

    with SlowWorld() as world:
        for number, name in enumerate(NAMES):
            network = world.x if number < 7 else world.bluesky if number < 14 else world.mastodon
            account = network.has(name, posts=POSTS_PER_ACCOUNT)
            account.posts = [replace(post, text=TEXTS[index % 4] + f" ({index})") for index, post in enumerate(account.posts)]
        print(world.url, flush=True)
        sys.stdin.read()


@contextlib.contextmanager
def run_networks() -> Iterator[str]:
    """Run the networks in a separate process and yield their URL."""
    process = subprocess.Popen([sys.executable, __file__, "networks"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin
    assert process.stdout
    try:
        yield process.stdout.readline().strip()
    finally:
        process.stdin.close()
        process.wait(20)


@contextlib.contextmanager
def serve(url: str) -> Iterator[tuple[int, int]]:
    """Serve Chorus with these networks; yield the port and the process ID of the worker."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ} | {"PORT": str(port)}
    environment |= {f"CHORUS_{network}_API_URL": url for network in ("X", "BLUESKY", "MASTODON")}
    environment |= {"X_BEARER_TOKEN": "token", "CHORUS_X_BUDGET": "1000", "XDG_STATE_HOME": tempfile.mkdtemp()}
    command = [sys.executable, "-m", "gunicorn", "dashboard.app:create_app()"]
    server = subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.DEVNULL)
    try:
        while True:
            with contextlib.suppress(OSError):
                if timed_get(port, "/health")[0] == 200:
                    break
            time.sleep(0.05)
        time.sleep(3)  # the warm-up
        yield port, int(Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text().split()[0])
    finally:
        server.terminate()
        server.wait(30)


def timed_get(port: int, path: str) -> tuple[int, float, float, bytes]:
    """Return status, seconds to the first byte, seconds to the last, and the body."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=300)
    try:
        started_at = time.perf_counter()
        connection.request("GET", path)
        response = connection.getresponse()
        first_byte = response.read(1)
        first_byte_seconds = time.perf_counter() - started_at
        body = first_byte + response.read()
        return response.status, first_byte_seconds, time.perf_counter() - started_at, body
    finally:
        connection.close()


def memory_mb(process_id: int, field: str) -> int:
    """Return the memory of a process in MiB; `field` is VmHWM for the peak or VmRSS for the current size."""
    lines = Path(f"/proc/{process_id}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith(field)).split()[1]) // 1024


def cpu_seconds_used(process_id: int) -> float:
    """Return the CPU seconds that a process has used."""
    fields = Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def measure_report(url: str, users: list[str]) -> tuple[float, int]:
    """Request a report on these accounts from a fresh server, print a line, and return seconds and peak megabytes."""
    with serve(url) as (port, worker):
        memory_before, cpu_before = memory_mb(worker, "VmRSS"), cpu_seconds_used(worker)
        status, first_byte_seconds, seconds, body = timed_get(port, f"/report?users={','.join(users)}&n={POSTS_PER_ACCOUNT}")
        peak_memory, cpu_seconds = memory_mb(worker, "VmHWM"), cpu_seconds_used(worker) - cpu_before
        is_complete = body.count(b"</html>") == 1 and b"Some accounts are missing or incomplete" not in body
        repeat_seconds = timed_get(port, f"/report?users={','.join(users)}&n={POSTS_PER_ACCOUNT}")[2]
    server = users[0].partition("@")[2] or users[0].partition(".")[2] or "x"
    title = f"{len(users)} {'account' if len(users) == 1 else 'accounts'} ({server}…)"
    print(
        f"{title:<36} {status} {'complete' if is_complete else 'INCOMPLETE'}  first byte {first_byte_seconds:5.2f} s  "
        f"all {seconds:6.2f} s  CPU {cpu_seconds:5.2f} s  again {repeat_seconds:5.2f} s  "
        f"memory {memory_before} MB before, peak {peak_memory} MB  page {len(body):,} bytes"
    )
    return seconds, peak_memory


def main() -> None:
    """Print the times of the slowest account alone and of all twenty, their ratio, and the peak memory."""
    with run_networks() as url:
        alone = max(measure_report(url, [users[0]])[0] for users in (X, BLUESKY, MASTODON))
        together, peak = measure_report(url, X + BLUESKY + MASTODON)
    ratio = together / alone
    verdict = "met" if ratio <= MAX_TIME_RATIO else "MISSED"
    print(f"slowest alone {alone:.2f} s, all {len(NAMES)} {together:.2f} s: x{ratio:.2f} {verdict} (target x{MAX_TIME_RATIO})")
    print(f"peak {peak} MB: {'met' if peak < MAX_PEAK_MB else 'MISSED'} (target {MAX_PEAK_MB} MB)")


if __name__ == "__main__":
    serve_networks() if "networks" in sys.argv else main()
