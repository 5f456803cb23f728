"""Where the durable store is, by the settings, and what it says about itself there."""

import os
from pathlib import Path
from typing import Any

import pytest

from dashboard.config.settings import load_settings
from dashboard.core.errors import InvalidSetting
from dashboard.timelines.redis_store import RedisStore
from dashboard.timelines.store_location import COUNTS_PER_INSTANCE, FORGETS_ON_RESTART, build_durable_store

pytestmark = pytest.mark.faults


def locate(**environment: str) -> tuple[str, str]:
    """Return the kind and the path of the store with these settings, and what it says about itself."""
    store: Any = build_durable_store(load_settings(environment))
    if isinstance(store, RedisStore):
        return "redis", ""
    return str(store._path), store.limitation


def test_the_ledger_is_where_it_is_set(tmp_path: Path) -> None:
    """CHORUS_LEDGER comes before everything else."""
    environment = {"CHORUS_LEDGER": f"file://{tmp_path}/my%20ledger.db", "CHORUS_CACHE_URL": "redis://127.0.0.1:1/0"}
    assert locate(**environment) == (f"{tmp_path}/my ledger.db", "")


def test_the_ledger_is_in_the_redis_of_the_cache() -> None:
    """Processes that share a cache share the budget."""
    assert locate(CHORUS_CACHE_URL="redis://127.0.0.1:1/0", CHORUS_DATASETS="/datasets") == ("redis", "")


def test_the_ledger_is_with_the_imported_files(tmp_path: Path) -> None:
    """The folder that is there to stay."""
    assert locate(CHORUS_DATASETS=str(tmp_path / "datasets"))[0] == f"{tmp_path}/datasets/ledger.sqlite3"


def test_the_ledger_is_next_to_the_folder_of_the_cache(tmp_path: Path) -> None:
    """Not in it, where it would be taken for an entry of the cache."""
    assert locate(CHORUS_CACHE_URL=f"file://{tmp_path}/cache")[0] == f"{tmp_path}/cache.ledger.sqlite3"


def test_the_ledger_is_in_the_state_folder_otherwise(tmp_path: Path) -> None:
    """As the XDG Base Directory Specification says."""
    assert locate(HOME=str(tmp_path))[0] == f"{tmp_path}/.local/state/chorus/ledger.sqlite3"
    assert locate(HOME=str(tmp_path), XDG_STATE_HOME=f"{tmp_path}/state")[0] == f"{tmp_path}/state/chorus/ledger.sqlite3"


@pytest.mark.skipif(os.geteuid() == 0 and not Path("/proc/version").exists(), reason="needs a folder that nobody can write")
def test_the_ledger_is_in_memory_if_there_is_no_other_place() -> None:
    """Visitors are told what that means."""
    assert locate() == ("None", FORGETS_ON_RESTART)
    assert locate(HOME="/proc/nowhere") == ("None", FORGETS_ON_RESTART)


def test_a_temporary_folder_is_said_to_forget(tmp_path: Path) -> None:
    """A container's home is often in one."""
    assert locate(HOME=str(tmp_path))[1] == FORGETS_ON_RESTART


def test_instances_of_a_service_are_said_to_count_on_their_own(tmp_path: Path) -> None:
    """On Cloud Run and Vertex AI every instance has its own files."""
    assert locate(HOME=str(tmp_path), K_SERVICE="chorus")[1] == COUNTS_PER_INSTANCE
    assert locate(HOME=str(tmp_path), AIP_PREDICT_ROUTE="/predict")[1] == COUNTS_PER_INSTANCE


def test_a_bucket_never_holds_the_ledger(tmp_path: Path) -> None:
    """On Cloud Run the folder of imported files is a bucket, which can't lock files."""
    assert locate(HOME=str(tmp_path), K_SERVICE="chorus", CHORUS_DATASETS="/datasets")[0].startswith(str(tmp_path))


@pytest.mark.parametrize("wrong", ["secret.sqlite3", "file://secret/x", "file:///secret/", "memcached://secret", "redis:secret"])
def test_a_wrong_ledger_fails_at_start(wrong: str) -> None:
    """The message says what is allowed and doesn't repeat what may contain a password."""
    with pytest.raises(InvalidSetting, match="CHORUS_LEDGER is empty") as caught:
        load_settings({"CHORUS_LEDGER": wrong})
    assert "secret" not in str(caught.value)
