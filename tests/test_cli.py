"""The command line: import and delete, with one clear line for what goes wrong."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from dashboard import cli
from tests.support.paths import ROOT

TABLE = "id,account,created_at,text\n1,harbour,2026-03-02T00:00:00Z,Fog\n2,ann,2026-03-02T00:00:00Z,Sun\n3,ann,2026-03-02T00:00:00Z,Sun\n"


@pytest.fixture(autouse=True)
def no_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever runs the tests may have set it."""
    monkeypatch.delenv("CHORUS_DATASETS", raising=False)


def run(*arguments: str | Path) -> int:
    return cli.main([str(each) for each in arguments])


def written(folder: Path, content: str = TABLE, name: str = "posts.csv") -> Path:
    (folder / name).write_text(content)
    return folder / name


def test_import_prints_where_the_posts_are_to_be_seen(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The answer has accounts, counts, the path of the charts and the owner's link."""
    code, shown = run("import", written(tmp_path), "--datasets", tmp_path / "kept"), capsys.readouterr().out
    parts = re.search(r"see    /report\?users=file:([0-9a-f]{32})\n  delete /datasets/\1/delete\?key=[0-9a-f]{32}\n", shown)
    assert (code, bool(parts), "3 posts of 2 accounts" in shown, "/ann: 2 posts" in shown) == (0, True, True, True)


def test_import_tells_unreadable_rows_and_why(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Rows that can't be read are counted with the reasons."""
    run("import", written(tmp_path, TABLE + "4,ann,2026-03-02,too,many\n"), "--datasets", tmp_path / "kept")
    shown = capsys.readouterr().out
    assert ("1 row can't be read" in shown, "Line 5 has 5 cells, but the table has 4 columns." in shown) == (True, True)


def test_import_takes_the_folder_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """CHORUS_DATASETS is the folder unless another is named."""
    monkeypatch.setenv("CHORUS_DATASETS", str(tmp_path / "kept"))
    assert (run("import", written(tmp_path)), len(list((tmp_path / "kept").iterdir()))) == (0, 1)


def test_import_asks_for_a_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without a folder it says how to name one."""
    code = run("import", written(tmp_path))
    expected = "chorus: There is no folder for imported files. Name one with --datasets DIR, or in CHORUS_DATASETS.\n"
    assert (code, capsys.readouterr().err) == (1, expected)


def test_import_asks_which_column_is_which(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Unknown columns are asked about in a line that shows how to answer."""
    code = run("import", written(tmp_path, "wann,was\n2026-01-01,Nebel\n"), "--datasets", tmp_path / "kept")
    shown = capsys.readouterr().err
    assert (code, shown.count("\n"), "“wann”, “was”" in shown, "--columns" in shown) == (1, 1, True, True)


def test_import_takes_columns_as_they_are_named(tmp_path: Path) -> None:
    """--columns answers that question."""
    file = written(tmp_path, "wann,was\n2026-01-01,Nebel\n")
    assert run("import", file, "--datasets", tmp_path / "kept", "--columns", "text=was,created_at=wann") == 0


def test_import_goes_on_after_a_file_that_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each file is imported for itself; one that fails is told, and makes the exit code 1."""
    missing, page = tmp_path / "missing.csv", written(tmp_path, "<html>", "page.csv")
    code = run("import", missing, page, written(tmp_path), "--datasets", tmp_path / "kept")
    shown = capsys.readouterr()
    expected = [f"chorus: {missing}: No such file or directory.", f"chorus: {page}: page.csv is a web page, not a list of posts."]
    assert (code, [line[: len(start)] for line, start in zip(shown.err.splitlines(), expected, strict=True)]) == (1, expected)
    assert "3 posts" in shown.out


def test_delete_needs_the_owners_key(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The printed key deletes, another one does not."""
    run("import", written(tmp_path), "--datasets", tmp_path / "kept")
    found = re.search(r"/datasets/(\w+)/delete\?key=(\w+)", capsys.readouterr().out)
    assert found is not None
    codes = [run("delete", found[1], "--key", key, "--datasets", tmp_path / "kept") for key in ("wrong", found[2])]
    assert (codes, list((tmp_path / "kept").iterdir())) == ([1, 0], [])


@pytest.mark.parametrize("arguments", [[], ["import"], ["delete", "x"], ["import", "x", "--columns", "text"]])
def test_refuses_what_it_does_not_understand(arguments: list[str]) -> None:
    """A wrong command line ends with argparse's words and code."""
    with pytest.raises(SystemExit) as end:
        run(*arguments)
    assert end.value.code == 2


def test_runs_as_a_module_and_shows_no_traceback(tmp_path: Path) -> None:
    """`python -m dashboard.cli` is the same program, and fails in one line."""
    command = [sys.executable, "-m", "dashboard.cli", "import", str(tmp_path / "missing"), "--datasets", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    assert (done.returncode, done.stderr) == (1, f"chorus: {tmp_path / 'missing'}: No such file or directory.\n")
