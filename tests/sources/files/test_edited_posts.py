"""A post that was edited counts once, in its newest wording, whatever the order of its versions in the file."""

import io
import json
from pathlib import Path
from typing import Any

import pytest

from dashboard.sources.files.store import DatasetStore

IDS = ["1990000000000000101", "1990000000000000102", "1990000000000000103"]
TEXTS = ["Good mornign", "Good morning frm the quay", "Good morning from the quay"]


def import_texts(folder: Path, content: str, name: str) -> tuple[list[str], tuple[str, ...]]:
    """Return the texts of the only account of a file, and the warnings of its import."""
    store = DatasetStore(folder)
    dataset = store.import_file(io.BytesIO(content.encode()), name)
    return store.load_posts(dataset, dataset.accounts[0].name, 9)["text"].to_list(), dataset.warnings


def build_response(version: int) -> dict[str, Any]:
    """Return a version as X's API v2 sends it."""
    post = {"id": IDS[version], "text": TEXTS[version], "created_at": f"2026-11-02T10:0{version}:00Z", "author_id": "7"}
    return {"data": post | {"edit_history_tweet_ids": IDS[: version + 1]}, "includes": {"users": [{"id": "7", "username": "quayside"}]}}


def build_archived(version: int) -> dict[str, Any]:
    """Return a version as X's archive has it."""
    control = {"editTweetIds": IDS, "editsRemaining": "3"}
    edit_info = {"edit": {"initialTweetId": IDS[0], "editControlInitial": control}} if version else {"initial": control}
    post = {"id_str": IDS[version], "full_text": TEXTS[version], "created_at": f"Mon Nov 02 10:0{version}:00 +0000 2026"}
    return {"tweet": post | {"edit_info": edit_info}}


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_versions_of_a_post_count_once(tmp_path: Path, order: tuple[int, ...]) -> None:
    """X gives each version its own ID, in its API and in its archive."""
    lines = "\n".join(json.dumps(build_response(version)) for version in order)
    script = f"window.YTD.tweets.part0 = {json.dumps([build_archived(version) for version in order])}"
    expected_warning = "2 older versions of edited posts were skipped. We kept the newest wording of each."
    for number, (content, name) in enumerate([(lines, "twarc.jsonl"), (script, "tweets.js")]):
        texts, warnings = import_texts(tmp_path / str(number), content, name)
        assert texts == TEXTS[2:]
        assert expected_warning in warnings


def test_an_edited_copy_replaces_the_first_one(tmp_path: Path) -> None:
    """Mastodon keeps the ID and says when a post was edited."""
    status = {"id": "1", "created_at": "2026-11-02T10:00:00Z", "uri": "https://quay.example/1", "account": {"acct": "pier"}}
    copies = [
        status | {"content": "<p>Good morning</p>", "edited_at": "2026-11-02T11:00:00.000Z"},
        status | {"content": "<p>Good mornign</p>", "edited_at": None},
    ]
    assert import_texts(tmp_path, json.dumps(copies), "statuses.json")[0] == ["Good morning"]


def test_a_post_without_edits_stays(tmp_path: Path) -> None:
    """Its history has only itself."""
    texts, warnings = import_texts(tmp_path, json.dumps(build_response(0)), "twarc.jsonl")
    assert texts == TEXTS[:1]
    assert warnings == ()
