"""The disk under the ledger's file or the cache fails: no money is lost, pages still open, and nothing damaged is taken for data."""

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from tests.support import fake_networks
from tests.support.disks import read_only, small_disk
from tests.support.fault_suite import count_inputs
from tests.support.interrupted_x import FIRST_PAGE, LOOKUP, SECOND_PAGE, THIRD_PAGE, replace_x
from tests.support.paid_application import POSTS, PaidApplication, build_paid_application

pytestmark = pytest.mark.faults
ONE_PAGE = 100
DISK_BYTES = 256 * 1024
PHASES = [SECOND_PAGE, *(pytest.param(phase, marks=pytest.mark.long) for phase in (LOOKUP, FIRST_PAGE, THIRD_PAGE))]


class Disk:
    """The folder of a ledger, what happens to it, and how an operator repairs it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.repairs = folder, ExitStack()
        self.ledger = folder / "ledger.sqlite3"

    def fill(self) -> None:
        """Leave no room on the disk."""
        filler = self.folder / "filler"
        self.repairs.callback(filler.unlink)
        with suppress(OSError), filler.open("wb", buffering=0) as file:
            while file.write(b"x" * 4096):
                pass

    def become_read_only(self) -> None:
        """Refuse to write, as a file system with errors does."""
        self.repairs.enter_context(read_only(self.folder))

    def lose_the_file(self) -> None:
        """Delete the ledger."""
        self.ledger.unlink(missing_ok=True)

    def cut_the_file(self) -> None:
        """Keep half of the ledger, which the operator deletes then."""
        self.repairs.callback(self.lose_the_file)
        self.ledger.write_bytes(self.ledger.read_bytes()[: self.ledger.stat().st_size // 2])

    def overwrite_the_file(self) -> None:
        """Write something else over the ledger, which the operator deletes then."""
        self.repairs.callback(self.lose_the_file)
        self.ledger.write_bytes(b"This is something else. " * 500)

    def empty_the_file(self) -> None:
        """Leave nothing in the ledger's file."""
        self.ledger.write_bytes(b"")

    def lock_the_file(self) -> None:
        """Hold the ledger, as a backup program may."""
        database = sqlite3.connect(self.ledger, isolation_level=None, check_same_thread=False)
        database.execute("BEGIN EXCLUSIVE")
        self.repairs.callback(database.close)

    def restore_a_backup(self) -> None:
        """Replace the ledger by an older one, without today's entries."""
        self.lose_the_file()
        with sqlite3.connect(self.ledger) as database:
            database.execute("CREATE TABLE other (number INTEGER)")
        database.close()


FAULTS: dict[str, tuple[Callable[[Disk], None], int]] = {  # and how many posts may be bought a second time
    "full": (Disk.fill, ONE_PAGE),
    "read-only": (Disk.become_read_only, ONE_PAGE),
    "locked": (Disk.lock_the_file, ONE_PAGE),
    "file lost": (Disk.lose_the_file, ONE_PAGE),
    "file half-written": (Disk.cut_the_file, POSTS),
    "file overwritten": (Disk.overwrite_the_file, POSTS),
    "file emptied": (Disk.empty_the_file, POSTS),
    "backup restored": (Disk.restore_a_backup, ONE_PAGE),
}


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    """A small disk with room for a ledger."""
    with small_disk(tmp_path / "disk", DISK_BYTES) as folder:
        disk = Disk(folder)
        with disk.repairs:
            yield disk


@pytest.fixture
def paid(world: fake_networks.World, disk: Disk) -> PaidApplication:
    """An application whose ledger is on that disk."""
    return build_paid_application(world, replace_x(world), CHORUS_LEDGER=f"file://{disk.ledger}")


@pytest.mark.parametrize("phase", PHASES, ids=["second page", "lookup", "first page", "third page"])
@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_of_the_disk_costs_a_page_at_most(paid: PaidApplication, disk: Disk, name: str, phase: int) -> None:
    """What X charged is booked, the response says what it lacks, and after the repair only the rest is bought."""
    strike, may_buy_again = FAULTS[name]
    count_inputs("paid reads with a failing store")
    paid.x.interrupt_at(phase, lambda: strike(disk))
    paid.ask()
    disk.repairs.close()
    paid.check_money(reads=1)
    assert paid.ask() == POSTS
    paid.check_money(reads=2)
    assert paid.x.count_sold_twice() <= may_buy_again


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=() if name in ("full", "file overwritten") else pytest.mark.long) for name in FAULTS]
)
def test_pages_open_while_the_disk_fails(paid: PaidApplication, disk: Disk, name: str) -> None:
    """The form, the state of the server and free reports are there, whatever happened to the ledger."""
    paid.ask()
    FAULTS[name][0](disk)
    client = paid.app.test_client()
    assert client.get("/health").status_code == 200
    assert client.get("/").status_code == 200
    assert client.get("/report?users=demo:small-clocks&n=20").status_code == 200
    assert client.get("/cost?users=nasa&n=3200").status_code == 200


@pytest.mark.parametrize("name", ["file half-written", "file overwritten", "read-only", "locked"])
def test_a_ledger_that_cannot_be_written_spends_nothing(paid: PaidApplication, disk: Disk, name: str) -> None:
    """It isn't taken for an empty one, and nothing is requested."""
    paid.app.extensions["chorus"].budget.reserve("esa", 1).settle()
    FAULTS[name][0](disk)
    assert paid.ask() == 0
    assert paid.x.requests == []


# --- the cache --------------------------------------------------------------------------------------------------------


def spoil(folder: Path, content: bytes) -> None:
    """Replace the content of every file of the cache."""
    for path in folder.rglob("*"):
        if path.is_file():
            path.write_bytes(content)


CACHE_FAULTS: dict[str, Callable[[Disk], None]] = {
    "full": Disk.fill,
    "read-only": Disk.become_read_only,
    "half-written": lambda disk: [path.write_bytes(path.read_bytes()[:20]) for path in disk.folder.rglob("*") if path.is_file()] and None,
    "empty files": lambda disk: spoil(disk.folder, b""),
    "garbage": lambda disk: spoil(disk.folder, b"\xff\x00\x80" * 1000),
    "deleted": lambda disk: shutil.rmtree(disk.folder / "cache", ignore_errors=True),
}


@pytest.mark.parametrize("name", CACHE_FAULTS)
def test_a_damaged_cache_counts_as_empty(world: fake_networks.World, disk: Disk, tmp_path: Path, name: str) -> None:
    """Free accounts are read again, before and after, and every answer is complete."""
    settings = {"CHORUS_CACHE_URL": f"file://{disk.folder}/cache", "CHORUS_LEDGER": f"file://{tmp_path}/ledger.sqlite3"}
    client = build_paid_application(world, replace_x(world), **settings).app.test_client()
    world.bluesky.has("nasa", posts=50)
    world.bluesky.has("esa", posts=60)
    path = "/frequency.json?n=100&users="
    before = client.get(f"{path}nasa.bsky.social").get_json()
    CACHE_FAULTS[name](disk)
    after = client.get(f"{path}nasa.bsky.social").get_json()
    assert before["coverage"][0]["fetched"] == 50
    assert after["data"] == before["data"]
    assert client.get(f"{path}esa.bsky.social").get_json()["coverage"][0]["fetched"] == 60
    assert client.get("/").status_code == 200
