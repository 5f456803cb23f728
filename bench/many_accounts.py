"""Twenty accounts of three networks at once, on the served program: how much longer than the slowest alone, and how much memory.

The networks are `tests/support/fake_networks.py` in a process of their own, which takes a while for each page, as real ones do.
Target: little more than the slowest account alone, under 400 MB.
"""

import contextlib
import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
POSTS = 3200
PAGE_SECONDS = float(os.environ.get("PAGE_SECONDS", "0.2"))  # that a network takes for a page
NAMES = [f"account{number}" for number in range(20)]
X, BLUESKY, MASTODON = NAMES[:7], [f"{name}.bsky.social" for name in NAMES[7:14]], [f"{name}@mastodon.example" for name in NAMES[14:]]
TEXTS = [
    "We are happy to say that the new bridge opens on Monday, and everybody is welcome to the wonderful party!",
    "Delays on the northern line after a terrible storm; we are sorry for the trouble. See https://example.org/delays/2026 #trains",
    "Good news: the lovely old mill is safe. Thank you @friends for your great work, it was worth the hard winter.",
    "Nothing new today.",
]
LIMIT_MB, LITTLE_MORE = 400, 1.5


def world() -> None:
    """Be the networks until standard input ends; print the address."""
    sys.path[:0] = [str(ROOT), str(ROOT / "tests")]
    from tests.support import fake_networks

    class Unhurried(fake_networks.World):
        def answer(self, request: fake_networks.Request) -> fake_networks.Response:
            time.sleep(PAGE_SECONDS)
            return super().respond(request)

    with Unhurried() as outside:
        for number, name in enumerate(NAMES):
            network = outside.x if number < 7 else outside.bluesky if number < 14 else outside.mastodon
            account = network.has(name, posts=POSTS)
            account.posts = [fake_networks.replace(post, text=TEXTS[place % 4] + f" ({place})") for place, post in enumerate(account.posts)]
        print(outside.url, flush=True)
        sys.stdin.read()


@contextlib.contextmanager
def networks() -> Iterator[str]:
    """Run the networks in their own process and yield their address."""
    process = subprocess.Popen([sys.executable, __file__, "world"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin
    assert process.stdout
    try:
        yield process.stdout.readline().strip()
    finally:
        process.stdin.close()
        process.wait(20)


@contextlib.contextmanager
def served(url: str) -> Iterator[tuple[int, int]]:
    """Serve Chorus over these networks; yield the port and the process that works."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ} | {"PORT": str(port)}
    environment |= {f"CHORUS_{network}_API_URL": url for network in ("X", "BLUESKY", "MASTODON")}
    environment |= {"X_BEARER_TOKEN": "token", "CHORUS_X_BUDGET": "1000"}
    command = [sys.executable, "-m", "gunicorn", "dashboard.app:create_app()"]
    server = subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.DEVNULL)
    try:
        while True:
            with contextlib.suppress(OSError):
                if asked(port, "/health")[0] == 200:
                    break
            time.sleep(0.05)
        time.sleep(3)  # the warm-up
        yield port, int(Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text().split()[0])
    finally:
        server.terminate()
        server.wait(30)


def asked(port: int, path: str) -> tuple[int, float, float, bytes]:
    """Return status, seconds to the first byte, seconds to the last, and the body."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=300)
    try:
        began = time.perf_counter()
        connection.request("GET", path)
        answer = connection.getresponse()
        first = answer.read(1)
        soon = time.perf_counter() - began
        body = first + answer.read()
        return answer.status, soon, time.perf_counter() - began, body
    finally:
        connection.close()


def memory(process: int, what: str) -> int:
    """Return megabytes of a process: VmHWM is its peak, VmRSS what it has now."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith(what)).split()[1]) // 1024


def cpu(process: int) -> float:
    """Return seconds that a process has computed."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def measured(url: str, users: list[str]) -> tuple[float, int]:
    """Ask a fresh server for a report of these accounts, print a line, and return seconds and megabytes."""
    with served(url) as (port, worker):
        before, computed = memory(worker, "VmRSS"), cpu(worker)
        status, soon, seconds, body = asked(port, f"/report?users={','.join(users)}&n={POSTS}")
        peak, computed = memory(worker, "VmHWM"), cpu(worker) - computed
        whole = body.count(b"</html>") == 1 and b"Not everything could be read" not in body
        again = asked(port, f"/report?users={','.join(users)}&n={POSTS}")[2]
    what = f"{len(users)} account{'s' * (len(users) > 1)} ({users[0].partition('@')[2] or users[0].partition('.')[2] or 'x'}…)"
    print(
        f"{what:<36} {status} {'whole' if whole else 'NOT WHOLE'}  first byte {soon:5.2f} s  all {seconds:6.2f} s  "
        f"computing {computed:5.2f} s  again {again:5.2f} s  memory {before} MB before, peak {peak} MB  page {len(body):,} bytes"
    )
    return seconds, peak


def main() -> None:
    """Print the slowest account alone, all twenty, their ratio, and the peak of memory."""
    with networks() as url:
        alone = max(measured(url, [users[0]])[0] for users in (X, BLUESKY, MASTODON))
        together, peak = measured(url, X + BLUESKY + MASTODON)
    ratio = together / alone
    verdict = "met" if ratio <= LITTLE_MORE else "MISSED"
    print(f"slowest alone {alone:.2f} s, all {len(NAMES)} {together:.2f} s: x{ratio:.2f} {verdict} (target x{LITTLE_MORE})")
    print(f"peak {peak} MB: {'met' if peak < LIMIT_MB else 'MISSED'} (target {LIMIT_MB} MB)")


if __name__ == "__main__":
    world() if "world" in sys.argv else main()
