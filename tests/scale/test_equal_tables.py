"""A collection answers every question with exactly the table that its posts give."""

from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from dashboard.core.errors import InvalidQuery
from dashboard.sources.files.dataset import Dataset
from dashboard.sources.files.store import DatasetStore
from tests.support import collections
from tests.support.collections import Answers
from tests.support.fault_suite import ONLY_IN_FAULTS, scale_examples
from tests.support.shared_data import TIMELINES, needs_timelines

pytestmark = pytest.mark.slow

METHODS = ("bing", "vader", "afinn")
SAMPLE_DAYS, REAL_DAYS = (date(2025, 12, 20), date(2026, 3, 10)), (date(2012, 8, 1), date(2017, 12, 1))


def upload(path: Path, folder: Path, **options: str) -> Dataset:
    """Import a file as an upload does."""
    with path.open("rb") as file:
        return DatasetStore(folder).import_file(file, path.name, **options)


def list_names(dataset: Dataset) -> list[str]:
    """Return the accounts of a dataset, most posts first."""
    return [account.name for account in dataset.accounts]


def ask(answers: Answers, dataset: Dataset, question: dict[str, Any]) -> pl.DataFrame | str:
    """Return the table that answers a question about all accounts, or the message of the error."""
    parameters = {name: value for name, value in question.items() if name != "kind" and value != ""}
    try:
        return answers.table(question["kind"], dataset, list_names(dataset), **parameters)
    except InvalidQuery as error:
        return str(error.problems)


def find_differences(answers: Answers, datasets: tuple[Dataset, Dataset], questions: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the questions that two datasets answer differently."""
    pairs = [(question, *(ask(answers, dataset, question) for dataset in datasets)) for question in questions]
    return [question for question, one, other in pairs if not (one == other if isinstance(one, str) else one.equals(other))]


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Dataset, Dataset]:
    """The same invented posts as an uploaded file and as a collection of three files, and the folder of both."""
    folder = tmp_path_factory.mktemp("sample")
    paths = collections.write_sample(folder / "files")
    return folder, upload(collections.join_files(paths, folder / "all.jsonl"), folder), collections.analyze(paths, folder)


def test_the_same_posts_are_counted(sample: tuple[Path, Dataset, Dataset]) -> None:
    """Both have the same accounts with the same posts, each once, although some posts are in two files."""
    _, uploaded, analyzed = sample
    assert analyzed.accounts == uploaded.accounts
    assert analyzed.kept == uploaded.kept
    assert "5 posts appeared more than once. The last copy of each was kept." in analyzed.warnings


def test_questions_about_invented_posts_have_equal_tables(sample: tuple[Path, Dataset, Dataset]) -> None:
    """Any zone, interval, period, kinds, language, method, measure and window gives the same table, to the last digit."""
    folder, *datasets = sample
    questions = collections.draw_questions(1, scale_examples(40, divisor=4), SAMPLE_DAYS, METHODS)
    assert find_differences(Answers(folder), (datasets[0], datasets[1]), questions) == []


@pytest.mark.slow
@pytest.mark.parametrize("foreign_share", [0.4, pytest.param(0.95, marks=ONLY_IN_FAULTS)])
def test_questions_about_posts_in_other_languages_have_equal_tables(foreign_share: float, tmp_path: Path) -> None:
    """The AI model reads each post in the language that is decided for the question, also if only its account tells."""
    paths = collections.write_sample(tmp_path / "files", foreign_share=foreign_share)
    uploaded = upload(collections.join_files(paths, tmp_path / "all.jsonl"), tmp_path)
    analyzed = collections.analyze(paths, tmp_path, methods=("bing", "model"))
    answers = Answers(tmp_path, collections.load_built_in_labeller())
    questions = collections.draw_questions(3, scale_examples(20, divisor=4), SAMPLE_DAYS, ("bing", "model"))
    assert find_differences(answers, (uploaded, analyzed), questions) == []


def test_an_account_whose_language_is_not_read_has_no_sentiment(tmp_path: Path) -> None:
    """Its values are unknown, not zero, also if only sums of its posts are left."""
    paths = collections.write_sample(tmp_path / "files", accounts=1, posts_per_account=40, foreign_share=1.0)
    analyzed = collections.analyze(paths, tmp_path, methods=("bing",))
    table = Answers(tmp_path).table("sentiment", analyzed, list_names(analyzed), method="bing", language="de,es")
    assert table["value"].to_list() == [None] * table.height
    assert table.height > 0


@pytest.mark.parametrize("kind", collections.SUMMED_CHARTS)
def test_all_accounts_as_one_series_are_one_account_with_all_posts(kind: str, tmp_path: Path) -> None:
    """`file:ID/*` gives the table of a file in which all posts are by the same account."""
    analyzed = collections.analyze(collections.write_sample(tmp_path / "files"), tmp_path)
    merged = upload(collections.join_files(collections.write_sample(tmp_path / "merged", account="*"), tmp_path / "merged.jsonl"), tmp_path)
    answers, parameters = Answers(tmp_path), {"since": "2026-01-05", "until": "2026-02-20", "tz": "Asia/Kathmandu", "measure": "mean"}
    expected = answers.table(kind, merged, list_names(merged), **parameters)
    assert answers.table(kind, analyzed, ["*"], **parameters).drop("account").rows() == expected.drop("account").rows()


def test_of_many_accounts_the_smaller_ones_are_one_series(tmp_path: Path) -> None:
    """Together, the 19 largest accounts and the others have all posts, each interval exactly."""
    analyzed = collections.analyze(collections.write_sample(tmp_path / "files", accounts=25, posts_per_account=30), tmp_path)
    answers, parameters = Answers(tmp_path), {"interval": "week", "tz": "America/St_Johns"}
    series = [[*list_names(analyzed)[:19], "*rest"], ["*"]]
    sums = [_sum_by_week(answers.table("sentiment", analyzed, names, **parameters)) for names in series]
    assert analyzed.accounts_total == 25
    assert sums[0].rows() == sums[1].rows()


def _sum_by_week(table: pl.DataFrame) -> pl.DataFrame:
    totals = table.group_by("start").agg(pl.col("posts", "words", "matched", "positive", "negative").sum())
    return totals.filter(pl.col("posts") > 0).sort("start")


@pytest.mark.faults
@pytest.mark.long
@needs_timelines
@pytest.mark.slow
def test_questions_about_real_posts_have_equal_tables(tmp_path: Path) -> None:
    """The posts of real accounts give the same tables, by every method, the AI model included."""
    source = TIMELINES / "timelines.jsonl.gz"
    labeller = collections.load_built_in_labeller()
    analyzed = collections.analyze([source], tmp_path, methods=(*METHODS, "model"))
    questions = collections.draw_questions(2, scale_examples(80, divisor=8), REAL_DAYS, (*METHODS, "model"))
    answers, uploaded = Answers(tmp_path, labeller), upload(source, tmp_path)
    read_whole = [account.name for account in uploaded.accounts if account.post_count < 3200]  # a report reads no more posts of one
    uploaded, analyzed = (collections.select_accounts(dataset, read_whole) for dataset in (uploaded, analyzed))
    assert find_differences(answers, (uploaded, analyzed), questions) == []
