"""The processes that a running Chorus consists of. No test in here."""

import contextlib
from pathlib import Path

from tests.support.chorus_server import RunningServer


def drawing_processes(server: RunningServer) -> list[int]:
    """Return the IDs of the processes that draw."""
    (worker,) = child_processes(server.process.pid)
    return child_processes(worker)


def child_processes(process: int) -> list[int]:
    """Return the IDs of the children of a process."""
    children = []
    for status in Path("/proc").glob("[0-9]*/status"):
        with contextlib.suppress(OSError):  # it has ended meanwhile
            if f"\nPPid:\t{process}\n" in status.read_text():
                children.append(int(status.parent.name))
    return children


def is_running(process: int) -> bool:
    """Return whether a process exists and isn't just waiting to be noticed."""
    status = Path(f"/proc/{process}/status")
    return status.exists() and "State:\tZ" not in status.read_text()
