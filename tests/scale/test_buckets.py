"""Collections of files in a bucket, which are read with s3fs from a server that answers like S3."""

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dashboard.app import create_app
from dashboard.core.errors import InvalidFile
from dashboard.scale import run
from dashboard.sources.files.dataset import Dataset
from tests.support import collections, s3_server

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def bucket(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Any]]:
    """The bucket `posts` with files of posts, and the folder that has the same files."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    files = tmp_path_factory.mktemp("bucket") / "2026"
    collections.write_sample(files)
    with s3_server.serve_bucket("posts", files) as file_system:
        yield files, file_system


@pytest.fixture(scope="module")
def analyzed(bucket: tuple[Path, Any]) -> Dataset:
    """The collection of the files in the bucket, in the parent folder."""
    return collections.analyze(["s3://posts/2026"], bucket[0].parent, methods=("bing",))


def test_files_in_s3_are_analyzed_like_those_of_a_folder(bucket: tuple[Path, Any], analyzed: Dataset, tmp_path: Path) -> None:
    """Accounts and notes are the same, also if two processes read the bucket."""
    local = collections.analyze([bucket[0]], tmp_path / "local", methods=("bing",))
    both = collections.analyze_in_processes(["s3://posts/2026/*.jsonl"], tmp_path / "remote", methods=("bing",))
    assert analyzed.kept == 255
    assert (analyzed.accounts, analyzed.warnings) == (local.accounts, local.warnings)
    assert (both.accounts, both.warnings) == (local.accounts, local.warnings)


def test_a_bucket_that_cannot_be_read_is_an_error(bucket: tuple[Path, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command says in a sentence that there is no such bucket, or that there are no credentials."""
    with pytest.raises(InvalidFile, match=r"s3://nobody/2026 can't be read: No such file or directory\."):
        run.find_collection("posts", ["s3://nobody/2026"], tmp_path)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    bucket[1].clear_instance_cache()
    with pytest.raises(InvalidFile, match=r"s3://posts/2026 can't be read: Unable to locate credentials\."):
        run.find_collection("posts", ["s3://posts/2026"], tmp_path)
    bucket[1].clear_instance_cache()


def test_posts_behind_a_chart_are_read_from_s3(bucket: tuple[Path, Any], analyzed: Dataset) -> None:
    """A server lists the posts of an account, as long as their files haven't changed."""
    client = create_app({"CHORUS_DATASETS": str(bucket[0].parent)}).test_client()
    account = f"/posts.json?users={analyzed.canonical_name}/account1"
    posts = client.get(account).json["data"]
    assert posts
    assert all(post["text"] is not None for post in posts)
    for name in bucket[1].ls("posts/2026"):
        bucket[1].pipe_file(name, bucket[1].cat_file(name) + b"\n")
    assert "has changed since it was analyzed" in client.get(account).json["detail"]
