"""The durable store in a file: who may read and change it, and what becomes of it if it's damaged, replaced or locked."""

import sqlite3
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from dashboard.timelines.locks import is_held
from dashboard.timelines.outages import StoreUnavailable
from dashboard.timelines.sqlite_store import SqliteStore
from tests.support.paths import ROOT


def test_the_file_is_for_its_owner_only(tmp_path: Path) -> None:
    """Others on the machine can't read what was spent or paid for."""
    path = tmp_path / "state" / "ledger.sqlite3"
    SqliteStore(path).append_entry(DAY, b"entry")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_entries_in_the_file_cannot_be_changed(tmp_path: Path) -> None:
    """Not even by hand, short of dropping the trigger."""
    SqliteStore(tmp_path / "ledger.sqlite3").append_entry(DAY, b"entry")
    with sqlite3.connect(tmp_path / "ledger.sqlite3") as database, pytest.raises(sqlite3.IntegrityError, match="only appended"):
        database.execute("UPDATE entries SET entry = 'less'")
    database.close()


def test_an_entry_that_was_repaired_by_hand_is_read(tmp_path: Path) -> None:
    """SQLite's command line inserts text, not bytes."""
    store = SqliteStore(tmp_path / "ledger.sqlite3")
    store.append_entry(DAY, b"entry")
    with sqlite3.connect(tmp_path / "ledger.sqlite3") as database:
        database.execute("INSERT INTO entries VALUES (?, 1, 'another')", (DAY,))
    database.close()
    assert store.read_entries(DAY, 0) == [b"entry", b"another"]


def test_a_file_that_was_replaced_is_opened_again(tmp_path: Path) -> None:
    """A process doesn't go on writing into a file that nobody else sees."""
    path = tmp_path / "ledger.sqlite3"
    store = SqliteStore(path)
    store.append_entry(DAY, b"entry")
    path.unlink()
    assert store.read_entries(DAY, 0) == []
    store.append_entry(DAY, b"another")
    assert SqliteStore(path).read_entries(DAY, 0) == [b"another"]


@pytest.mark.parametrize("damage", [b"this is no database" * 100, b"SQLite format 3\x00" + bytes(4096)])
def test_a_damaged_file_is_unavailable(tmp_path: Path, damage: bytes) -> None:
    """It's never taken for an empty one."""
    path = tmp_path / "ledger.sqlite3"
    path.write_bytes(damage)
    with pytest.raises(StoreUnavailable):
        SqliteStore(path).read_entries(DAY, 0)


def test_a_folder_that_cannot_be_created_is_unavailable(tmp_path: Path) -> None:
    """Every operation says so, and a lock isn't held."""
    (tmp_path / "file").write_text("")
    store = SqliteStore(tmp_path / "file" / "ledger.sqlite3")
    for operation in (lambda: store.read_entries(DAY, 0), lambda: store.append_entry(DAY, b"entry"), lambda: store.get("a")):
        with pytest.raises(StoreUnavailable):
            operation()
    with store.lock("a") as lease, pytest.raises(StoreUnavailable):
        lease.renew()


def test_a_lock_file_that_cannot_be_created_is_not_held_by_somebody_else(tmp_path: Path) -> None:
    """Nobody knows who holds the lock, which isn't the same as that another process does."""
    store = SqliteStore(tmp_path / "ledger.sqlite3")
    (tmp_path / "ledger.sqlite3.locks").write_text("")
    with store.lock("a") as lease, pytest.raises(StoreUnavailable):
        lease.renew()
    assert not is_held(lease)


HOLD = """
import sys
from pathlib import Path
from dashboard.timelines.sqlite_store import SqliteStore
with SqliteStore(Path(sys.argv[1])).lock("a"):
    print("held", flush=True)
    sys.stdin.readline()
"""

pytestmark = pytest.mark.faults
DAY = "2026-03-02"


def test_the_system_releases_the_lock_of_a_killed_process(tmp_path: Path) -> None:
    """After `kill -9` nobody has to wait."""
    path = tmp_path / "ledger.sqlite3"
    options: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "cwd": ROOT, "env": {"PYTHONPATH": "."}}
    with subprocess.Popen([sys.executable, "-c", HOLD, str(path)], **options) as holder:
        assert holder.stdout
        assert holder.stdout.readline() == b"held\n"
        with SqliteStore(path, lock_wait_seconds=0).lock("a") as before:
            assert not before.renew()
        holder.kill()
        holder.wait()
        with SqliteStore(path, lock_wait_seconds=0).lock("a") as after:
            assert after.renew()
