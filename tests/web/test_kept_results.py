"""Results are kept by what they depend on, bounded by their bytes and their number, and never taken from a damaged entry of a Redis."""

import random
from pathlib import Path

import pytest
from cachelib import SimpleCache

from dashboard.timelines.cache import SharedCache
from dashboard.web.kept_results import KeptResults, Result, digest_code, identify

NOISE = random.Random(5)


def result_of(size: int) -> Result:
    """Return a result that takes this many bytes of memory."""
    return Result(bytes(size), size)


@pytest.fixture
def backend() -> SimpleCache:
    """What instances share."""
    return SimpleCache()


def test_a_result_is_returned_as_it_was() -> None:
    """Whether it could be compressed or not."""
    results, page, image = KeptResults(), b"<p>A page</p>" * 1000, NOISE.randbytes(5000)
    results.put("page", Result.of(page))
    results.put("image", Result.of(image))
    kept = [results.get("page"), results.get("image")]
    assert [result.unpack() for result in kept if result] == [page, image]
    assert [result.size for result in kept if result] == [13_000, 5000]


def test_a_page_takes_a_fraction_of_its_size() -> None:
    """A megabyte of HTML would otherwise push out everything else."""
    assert len(Result.of(b"<td>1,234</td><td>Mon 3 Aug 2026</td>" * 10_000).packed) < 20_000


def test_the_results_used_longest_ago_are_dropped() -> None:
    """The bound is on their bytes."""
    results = KeptResults(max_bytes=10)
    results.put("first", result_of(4))
    results.put("second", result_of(4))
    assert results.get("first")
    results.put("third", result_of(4))
    assert results.get("second") is None
    assert results.get("first")
    assert results.get("third")


def test_the_number_of_results_is_bounded() -> None:
    """Many small ones would take more memory than their bytes."""
    results = KeptResults(max_count=3)
    for name in "abcd":
        results.put(name, result_of(1))
    assert results.get("a") is None
    assert [bool(results.get(name)) for name in "bcd"] == [True, True, True]


def test_a_result_that_is_kept_again_counts_once() -> None:
    """Two requests may compute the same at the same moment."""
    results = KeptResults(max_bytes=10)
    for _ in range(5):
        results.put("same", result_of(4))
    results.put("other", result_of(6))
    assert results.get("same")


def test_a_process_can_forget_what_it_keeps() -> None:
    """Afterwards it has as much room as at the beginning."""
    results = KeptResults(max_bytes=10)
    results.put("page", result_of(8))
    results.clear()
    assert results.get("page") is None
    results.put("first", result_of(5))
    results.put("second", result_of(5))
    assert results.get("first")
    assert results.get("second")


def test_a_very_large_result_is_not_kept(backend: SimpleCache) -> None:
    """One result can't push out all others, here or in the shared cache."""
    results = KeptResults(SharedCache(backend))
    results.put("small", result_of(1))
    results.put("large", result_of(2_000_001))
    assert results.get("large") is None
    assert backend.get("result:large") is None
    assert results.get("small")


def test_instances_share_results(backend: SimpleCache) -> None:
    """What one has computed, another one finds."""
    KeptResults(SharedCache(backend)).put("page", Result.of(b"computed"))
    shared = KeptResults(SharedCache(backend)).get("page")
    assert shared
    assert shared.unpack() == b"computed"


def test_what_a_process_keeps_for_itself_is_not_shared(backend: SimpleCache) -> None:
    """Versions for single browsers would fill the shared cache."""
    KeptResults(SharedCache(backend)).put_own("page", Result.of(b"compressed"))
    assert KeptResults(SharedCache(backend)).get("page") is None


def test_a_damaged_entry_counts_as_none(backend: SimpleCache) -> None:
    """Whichever bit was flipped, and wherever the entry was cut off."""
    KeptResults(SharedCache(backend)).put("page", Result.of(b"computed"))
    stored = backend.get("result:page")
    flipped = [stored[:index] + bytes([stored[index] ^ 1]) + stored[index + 1 :] for index in range(len(stored))]
    for damaged in [*flipped, *(stored[:end] for end in range(len(stored))), b"", b"anything"]:
        backend.set("result:page", damaged)
        assert KeptResults(SharedCache(backend)).get("page") is None


def test_an_entry_for_something_else_counts_as_none(backend: SimpleCache) -> None:
    """Copying an entry to another key doesn't show its page to somebody else."""
    KeptResults(SharedCache(backend)).put("private", Result.of(b"a private page"))
    backend.set("result:public", backend.get("result:private"))
    assert KeptResults(SharedCache(backend)).get("public") is None


def test_every_input_is_part_of_the_identity() -> None:
    """Inputs are told apart, even if they have the same letters."""
    identities = {identify("ab", "c"), identify("a", "bc"), identify("abc"), identify("ab", "c", None), identify("ab", "d")}
    assert len(identities) == 5
    assert identify("ab", "c") in identities


@pytest.mark.parametrize(
    "name", ["dashboard/web/urls.py", "templates/base.html", "static/chorus.css", "lexicons/bing.txt", "requirements.txt"]
)
def test_another_version_of_the_code_has_other_results(tmp_path: Path, name: str) -> None:
    """Whatever a page is made of may change its bytes."""
    versions = [tmp_path / version for version in ("old", "same", "new")]
    for version in versions:
        (version / name).parent.mkdir(parents=True)
        (version / name).write_text("new" if version.name == "new" else "old")
    old, same, new = (digest_code(version) for version in versions)
    assert old == same
    assert old != new
