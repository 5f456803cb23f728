"""Measures large uploads at the same time: `python bench/uploads.py [--count 8] [--megabytes 105]`.

All uploads begin at once, each with a file of posts of this size, while /health is requested ten times a second. Printed are the statuses,
how long /health took, and the largest memory and temporary files of the server. The server's own files are in a folder that is deleted.
"""

import argparse
import asyncio
import contextlib
import os
import tempfile
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from pathlib import Path
from stat import S_ISREG

from load import Samples, memory_mib, request_once, serve

SERVER = ".venv/bin/python -m gunicorn 'dashboard.app:create_app()'"
MEASURING_INTERVAL_SECONDS = 0.1
ROW = "2026-03-01T10:00:00Z,The new timetable is wonderful but my train was late again,{number},harbour\n"
BOUNDARY = "edge-of-the-part"


def build_body(megabytes: int) -> bytes:
    """Return a form with a file of posts."""
    rows = "".join(ROW.format(number=number) for number in range(megabytes * 1_000_000 // len(ROW)))
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="posts.csv"\r\n\r\ncreated_at,text,id,account\n'
    return f"{head}{rows}\r\n--{BOUNDARY}--\r\n".encode()


def upload(port: int, body: bytes) -> int:
    """Upload a file and return the status; 0 if the connection broke."""
    connection = HTTPConnection("127.0.0.1", port, timeout=300)
    try:
        with contextlib.suppress(ConnectionError):  # refused meanwhile; the answer may have arrived
            connection.request("POST", "/upload", body, {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"})
        return connection.getresponse().status
    except OSError:
        return 0
    finally:
        connection.close()


def temporary_mib(pid: int) -> float:
    """Return the size of the files without a name that a process and its children have open, in MiB."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    size = 0
    for entry in Path(f"/proc/{pid}/fd").iterdir():
        try:
            status = os.stat(entry)
        except OSError:  # closed meanwhile
            continue
        size += status.st_blocks * 512 if S_ISREG(status.st_mode) and not status.st_nlink else 0
    return size / 2**20 + sum(temporary_mib(int(child)) for child in children)


def measure(port: int, pid: int, body: bytes, count: int) -> None:
    """Upload, and print what was measured meanwhile."""
    health, has_ended = Samples(), threading.Event()
    sizes = [(memory_mib(pid), temporary_mib(pid))]

    def watch() -> None:
        while not has_ended.wait(MEASURING_INTERVAL_SECONDS):
            begun = time.perf_counter()
            health.add(asyncio.run(request_once(port, "GET", "/health", b"")), time.perf_counter() - begun)
            sizes.append((memory_mib(pid), temporary_mib(pid)))

    watcher, begun = threading.Thread(target=watch), time.perf_counter()
    watcher.start()
    with ThreadPoolExecutor(count) as pool:
        statuses = Counter(pool.map(lambda _: upload(port, body), range(count)))
    has_ended.set()
    watcher.join()
    print(f"{count} uploads of {len(body) / 1e6:.0f} MB in {time.perf_counter() - begun:.0f} s: {dict(statuses)}")
    print(f"/health: {dict(health.statuses)}, p99 {health.percentile(0.99) * 1000:.0f} ms, max {max(health.seconds) * 1000:.0f} ms")
    print(f"memory: {sizes[0][0]:.0f} MiB before, at most {max(size for size, _ in sizes):.0f} MiB")
    print(f"temporary files: at most {max(size for _, size in sizes):.0f} MiB")


def main() -> None:
    """Serve Chorus and measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=8)
    parser.add_argument("--megabytes", type=int, default=105)
    parser.add_argument("--server", default=SERVER)
    options = parser.parse_args()
    body = build_body(options.megabytes)
    with tempfile.TemporaryDirectory() as folder:
        os.environ["CHORUS_DATASETS"] = folder
        with serve(options.server) as (port, pid):
            measure(port, pid, body, options.count)


if __name__ == "__main__":
    main()
