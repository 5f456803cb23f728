"""What is known of a post is computed once, and looked up afterwards."""

from collections.abc import Mapping
from threading import Thread

import polars as pl
import pytest

from dashboard.analytics import lexicon, sentiment
from dashboard.analytics.fact_tables import FactTables, Tables
from dashboard.analytics.post_facts import FactGroup, GroupId, compute_facts, hash_posts
from dashboard.reports import facts
from tests.support.builders import build_posts
from tests.support.shared_data import load_real_posts, needs_timelines

METHODS = ("bing", "afinn", "vader")


class Counter:
    """A group of facts that counts the posts it was computed for: `size` is the length of the text."""

    def __init__(self, version: str = "1") -> None:
        self.computed = list[str | None]()
        self.group = FactGroup(GroupId("size", version), self._compute)

    def _compute(self, posts: pl.DataFrame) -> pl.DataFrame:
        self.computed += posts["text"].to_list()
        return posts.select(size=pl.col("text").str.len_chars().cast(pl.Int64))


class Shelf:
    """An archive in a dictionary."""

    def __init__(self) -> None:
        self.tables_by_account = dict[str, Tables]()

    def load(self, account: str) -> Tables:
        """Return what was saved."""
        return self.tables_by_account.get(account, {})

    def save(self, account: str, tables: Tables) -> None:
        """Keep tables."""
        self.tables_by_account[account] = tables


def test_facts_are_computed_once_for_each_post() -> None:
    """The next question looks them up, also if it shows other posts in another order."""
    counter, tables = Counter(), FactTables()
    tables.find(counter.group, build_posts("one", "three"))
    sizes = tables.find(counter.group, build_posts("three", "eleven", "one"))["size"].to_list()
    assert sizes == [5, 6, 3]
    assert counter.computed == ["one", "three", "eleven"]


def test_what_is_made_of_a_table_is_made_again_only_for_new_posts() -> None:
    """It sees the facts that were known at the time, and there is nothing of an account whose posts weren't looked up."""
    counter, tables, built = Counter(), FactTables(), list[int]()

    def build(table: pl.DataFrame) -> int:
        built.append(table.height)
        return int(table["size"].sum())

    account = build_posts("one")["account"][0]
    assert tables.derive(counter.group, account, build) is None
    tables.find(counter.group, build_posts("one"))
    assert [tables.derive(counter.group, account, build) for _ in range(2)] == [3, 3]
    tables.find(counter.group, build_posts("three"))
    assert tables.derive(counter.group, account, build) == 8
    assert built == [1, 2]
    tables.forget(account)
    assert tables.derive(counter.group, account, build) is None


def test_equal_posts_share_their_facts() -> None:
    """People repeat themselves, and each post still has its own row."""
    counter = Counter()
    assert FactTables().find(counter.group, build_posts("one", "one", "two"))["size"].to_list() == [3, 3, 3]
    assert counter.computed == ["one", "two"]


def test_a_changed_text_has_facts_of_its_own() -> None:
    """An edited post, or a text that was cut, is never taken for what it was."""
    counter, tables = Counter(), FactTables()
    tables.find(counter.group, build_posts({"id": "1", "text": "good"}))
    assert tables.find(counter.group, build_posts({"id": "1", "text": "better"}))["size"].to_list() == [6]


def test_a_changed_language_tag_has_facts_of_its_own() -> None:
    """The tag decides about some posts."""
    frame = build_posts({"text": "hm", "lang": "de"}, {"text": "hm", "lang": "en"}, {"text": "hm", "lang": None})
    assert FactTables().find(facts.language_group(), frame)["language"].to_list() == ["de", None, None]


def test_missing_and_empty_texts_are_different_posts() -> None:
    """A missing text isn't a text without words."""
    assert hash_posts(build_posts({"text": None}, {"text": ""})).n_unique() == 2


def test_another_version_of_a_group_is_computed_again() -> None:
    """Facts of two versions are never mixed, and the older ones aren't kept."""
    old, new, shelf = Counter("1"), Counter("2"), Shelf()
    tables = FactTables(shelf)
    for counter in (old, new):
        tables.find(counter.group, build_posts("one"))
    tables.save()
    assert new.computed == ["one"]
    assert list(shelf.tables_by_account["nasa"]) == [new.group.id]


def test_what_was_archived_is_not_computed_again() -> None:
    """A new process begins with what others found out."""
    shelf, first, second = Shelf(), Counter(), Counter()
    before = FactTables(shelf)
    before.find(first.group, build_posts("one"))
    before.save()
    assert FactTables(shelf).find(second.group, build_posts("one", "three"))["size"].to_list() == [3, 5]
    assert second.computed == ["three"]


def test_only_new_facts_are_archived() -> None:
    """A question that computed nothing writes nothing."""
    shelf, counter = Shelf(), Counter()
    tables = FactTables(shelf)
    tables.find(counter.group, build_posts("one"))
    tables.save()
    shelf.tables_by_account.clear()
    tables.find(counter.group, build_posts("one"))
    tables.save()
    assert shelf.tables_by_account == {}


def test_the_memory_keeps_the_accounts_that_were_used_last() -> None:
    """Facts of the others are computed again when they are needed."""
    counter, tables = Counter(), FactTables(max_bytes=50)
    for account in ("a", "b", "c", "d", "e", "f", "a"):
        tables.find(counter.group, build_posts(f"text of {account}", account=account))
    tables.find(counter.group, build_posts("text of f", account="f"))
    assert counter.computed == [f"text of {account}" for account in "abcdefa"]


def test_a_table_that_is_too_large_is_not_kept() -> None:
    """Very long texts have too many words; their facts are right all the same."""
    counter, tables = Counter(), FactTables(max_table_bytes=10)
    sizes = [tables.find(counter.group, build_posts("one", "three"))["size"].to_list() for _ in range(2)]
    assert sizes == [[3, 5], [3, 5]]
    assert counter.computed == ["one", "three"] * 2


def test_deleted_accounts_are_forgotten() -> None:
    """What the owner of a file deletes must be gone."""
    counter, tables = Counter(), FactTables()
    tables.find(counter.group, build_posts("one", account="file:1/a"))
    tables.forget("file:1/")
    tables.find(counter.group, build_posts("one", account="file:1/a"))
    assert counter.computed == ["one", "one"]


def test_threads_that_miss_the_same_facts_find_the_same() -> None:
    """Both compute them, and each post keeps one row."""
    counter, tables, results = Counter(), FactTables(), list[list[int]]()
    frame = build_posts(*(f"text {number}" for number in range(500)))
    threads = [Thread(target=lambda: results.append(tables.find(counter.group, frame)["size"].to_list())) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [frame["text"].str.len_chars().to_list()] * 8


def test_no_posts_have_no_facts() -> None:
    """The columns are there, so that whatever uses them works."""
    assert FactTables().find(sentiment.score_group("bing"), build_posts()).schema["hits"] == pl.List(pl.String)


def test_a_word_list_decides_about_the_version_of_its_scores() -> None:
    """Scores by another list are other facts."""
    versions: Mapping[str, str] = {method: sentiment.score_group(method).id.version for method in METHODS}
    assert len(set(versions.values())) == len(METHODS)


@needs_timelines
@pytest.mark.parametrize("method", METHODS)
def test_scores_that_are_looked_up_are_those_that_are_computed(method: str) -> None:
    """On real timelines, cut into questions of different sizes."""
    frame, tables = load_real_posts(), FactTables()
    for part in (frame[::7], frame, frame[::-3]):
        assert tables.find(sentiment.score_group(method), part).equals(compute_facts(sentiment.score_group(method), part))


@needs_timelines
def test_languages_and_words_that_are_looked_up_are_those_that_are_computed() -> None:
    """On real timelines, cut into questions of different sizes."""
    frame, tables = load_real_posts(), FactTables()
    for group in (facts.language_group(), facts.word_group()):
        for part in (frame[::7], frame, frame[::-3]):
            assert tables.find(group, part).equals(compute_facts(group, part))


@needs_timelines
def test_the_words_of_real_posts_are_complete() -> None:
    """Each word once and its repetitions are all words of a post."""
    frame = load_real_posts()
    words = lexicon.list_words(frame).select(pl.concat_list("unique_words", "repeated_words").list.sort()).to_series()
    assert words.to_list() == frame.select(lexicon.extract_words(pl.col("text")).list.sort()).to_series().to_list()
