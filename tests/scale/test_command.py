"""`chorus analyze` and what a server answers from the collection that it wrote."""

import os
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from flask.testing import FlaskClient

from dashboard import cli
from dashboard.app import create_app
from tests.support import collections


def run(*arguments: object) -> Result:
    """Run the command with one process."""
    return CliRunner().invoke(cli.chorus, ["analyze", *map(str, arguments), "--workers", "1"], prog_name="chorus")


@pytest.fixture(scope="module")
def analyzed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Result]:
    """A folder with a collection of three files, a fourth of which can't be read, and what the command printed."""
    folder = tmp_path_factory.mktemp("analyzed")
    collections.write_sample(folder / "files", accounts=22, posts_per_account=30)
    (folder / "files" / "sizes.csv").write_text("colour,size\nred,3\n")
    return folder, run(folder / "files", "--out", "Mentions 2026", "--datasets", folder / "kept", "--methods", "bing")


@pytest.fixture(scope="module")
def users(analyzed: tuple[Path, Result]) -> str:
    """The account of the whole collection."""
    return re.findall(r"file:[0-9a-f]{32}", analyzed[1].stdout)[0]


@pytest.fixture(scope="module")
def server(analyzed: tuple[Path, Result]) -> FlaskClient:
    """A client of a server that has the collection."""
    return create_app({"CHORUS_DATASETS": str(analyzed[0] / "kept")}).test_client()


@pytest.mark.slow
def test_the_command_prints_where_the_collection_can_be_seen(analyzed: tuple[Path, Result], users: str) -> None:
    """It names the accounts with the most posts, the report, that of all accounts as one series, and the link that deletes it."""
    output = analyzed[1].stdout
    assert re.match(rf"Mentions 2026: \d+ posts of 22 accounts as {users}, kept until \d{{4}}-\d\d-\d\d\n", output)
    assert f"/report?users={users}\n" in output
    assert f"/report?users={users}/*\n" in output
    assert re.search(rf"/datasets/{users.removeprefix('file:')}/delete\?key=[0-9a-f]{{32}}", output)


@pytest.mark.slow
def test_the_command_names_a_file_that_cannot_be_read(analyzed: tuple[Path, Result]) -> None:
    """It goes on without it."""
    assert analyzed[1].exit_code == 0
    assert re.search(r"^chorus: \S+sizes\.csv couldn't be read and isn't counted: .+", analyzed[1].stderr, re.MULTILINE)


@pytest.mark.slow
def test_the_command_refuses_a_name_that_is_taken(analyzed: tuple[Path, Result], users: str) -> None:
    """The existing collection stays."""
    again = run(analyzed[0] / "files", "--out", "mentions 2026", "--datasets", analyzed[0] / "kept", "--methods", "bing")
    assert again.exit_code == 1
    assert again.stderr == f"chorus: There is a collection “mentions 2026” already: {users}. Choose another --out.\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--methods", "tarot"], "tarot isn't a method"),
        (["--scheduler", "tcp://127.0.0.1:1"], "Choose either --workers or --scheduler, not both."),
        (["--memory", "2000"], "Choose either --workers or --memory, not both."),
        (["--memory", "10"], "10 is not in the range"),
        (["--out", "s3://posts/2026"], "it's the name of the collection, such as mentions-2026, and not a place"),
        (["--out", "./results"], "it's the name of the collection, such as mentions-2026, and not a place"),
    ],
)
def test_the_command_explains_invalid_options(arguments: list[str], message: str, tmp_path: Path) -> None:
    """Nothing begins, and the exit code is that of an invalid command line."""
    paths = collections.write_sample(tmp_path / "files")
    result = run(*paths, "--out", "posts", "--datasets", tmp_path / "kept", *arguments)
    assert result.exit_code == 2
    assert message in result.stderr


@pytest.mark.slow
def test_the_command_says_why_it_uses_fewer_processes_than_cores(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory that is enough for one process gets one, on a machine of any size."""
    monkeypatch.setattr(os, "cpu_count", lambda: 64)
    paths = collections.write_sample(tmp_path / "files", accounts=1, posts_per_account=5)
    arguments = ["analyze", *map(str, paths), "--out", "few", "--datasets", str(tmp_path / "kept"), "--methods", "bing", "--memory", "500"]
    result = CliRunner().invoke(cli.chorus, arguments, prog_name="chorus")
    assert result.exit_code == 0
    assert "Using 1 of 64 cores, because 500 MB of memory are enough for 1 process of up to" in result.stderr


@pytest.mark.slow
def test_a_report_has_the_largest_accounts_and_the_others_together(server: FlaskClient, users: str) -> None:
    """The scorecard has 20 rows, the last of which is all other accounts."""
    rows = server.get("/report.json", query_string={"users": users}).json["scorecard"]
    assert len(rows) == 20
    assert rows[-1]["account"] == f"{users}/*rest"


@pytest.mark.slow
@pytest.mark.parametrize("path", ["/report", "/html/frequency", "/html/sentiment", "/frequency.png", "/rhythm.csv", "/sentiment.xlsx"])
def test_pages_and_files_answer_from_a_collection(path: str, server: FlaskClient, users: str) -> None:
    """Each format has the series of all accounts."""
    assert server.get(path, query_string={"users": f"{users}/*"}).status_code == 200


@pytest.mark.slow
def test_notes_say_that_all_posts_count_and_which_files_are_missing(server: FlaskClient, users: str) -> None:
    """Nobody takes the numbers for those of all files."""
    notes = server.get("/frequency.json", query_string={"users": f"{users}/account0"}).json["notes"]
    assert any(note.endswith("All posts of the period count, not only the latest ones.") for note in notes)
    assert any(note.startswith("The collection “Mentions 2026” has ") for note in notes)
    missing = "1 of 4 files couldn’t be read and isn’t counted: “sizes.csv”."
    assert missing in notes
    page = server.get("/report", query_string={"users": f"{users}/account0"}).text
    assert page.index(missing) < page.index("<figure")


@pytest.mark.slow
def test_a_method_that_was_left_out_is_refused(server: FlaskClient, users: str) -> None:
    """The error says at its field which methods there are."""
    answer = server.get("/sentiment.json", query_string={"users": users, "method": "vader"})
    assert answer.status_code == 400
    assert answer.json["problems"] == [
        {"field": "method", "message": "This collection was analyzed without the method “vader”. Choose bing."}
    ]


@pytest.mark.slow
def test_an_account_that_is_not_in_a_collection_is_not_found(server: FlaskClient, users: str) -> None:
    """The error names accounts that are."""
    answer = server.get("/frequency.json", query_string={"users": f"{users}/nobody"})
    assert answer.status_code == 404
    assert "“Mentions 2026” has no account “nobody”." in answer.json["detail"]


@pytest.mark.slow
@pytest.mark.parametrize("path", ["/words.json", "/posts.json"])
def test_posts_of_many_accounts_of_a_collection_are_not_read(path: str, server: FlaskClient, users: str) -> None:
    """Reading the files for each of them would keep a server busy for minutes, and small accounts have no sample."""
    small = ",".join(f"{users}/account{number}" for number in (2, 5, 20, 23))
    answer = server.get(path, query_string={"users": small})
    assert answer.status_code == 400
    message = answer.json["problems"][0]["message"]
    assert message.startswith("This needs the posts of 4 accounts of a collection, which have to be read from its files. Choose up to 3")
