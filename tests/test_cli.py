"""The chorus command: what each command prints, its exit codes, and one clear line for what goes wrong."""

import contextlib
import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from dashboard import __version__, cli
from tests.support.paths import ROOT

TABLE = "id,account,created_at,text\n1,harbour,2026-03-02T00:00:00Z,Fog\n2,ann,2026-03-02T00:00:00Z,Sun\n3,ann,2026-03-02T00:00:00Z,Sun\n"
HEAVY = ["polars", "numpy", "flask", "gunicorn", "sklearn", "tweepy"]


def run(*arguments: str | Path, datasets: Path | str = "") -> Result:
    """Run a command; `datasets` is what CHORUS_DATASETS says, empty by default."""
    return CliRunner().invoke(cli.chorus, [str(argument) for argument in arguments], env={"CHORUS_DATASETS": str(datasets)})


def write_table(folder: Path, content: str = TABLE, name: str = "posts.csv") -> Path:
    (folder / name).write_text(content)
    return folder / name


def import_table(folder: Path) -> tuple[str, str]:
    """Import a table into the folder's `kept`; return its ID and its owner's key."""
    result = run("import", write_table(folder), "--datasets", folder / "kept")
    link = re.search(r"/datasets/(\w+)/delete\?key=(\w+)", result.stdout)
    assert link is not None
    return link[1], link[2]


# --- every command ---------------------------------------------------------------------------------------------------


def test_help_lists_every_command() -> None:
    """--help names the commands, each with a sentence."""
    result = run("--help")
    assert result.exit_code == 0
    assert re.findall(r"^  ([a-z]+)  +[A-Z].*\.$", result.stdout, re.MULTILINE) == [
        "analyze",
        "delete",
        "evaluate",
        "import",
        "key",
        "serve",
        "train",
    ]


@pytest.mark.parametrize("name", sorted(cli.chorus.commands))
def test_every_option_has_a_help_text(name: str) -> None:
    """Nobody has to guess what an option does."""
    options = [parameter for parameter in cli.chorus.commands[name].params if parameter.param_type_name == "option"]
    assert [option.name for option in options if not getattr(option, "help", None)] == []
    assert run(name, "-h").stdout.startswith(f"Usage: chorus {name} ")


def test_version_is_that_of_the_package() -> None:
    """--version prints the name and the version."""
    assert run("--version").stdout == f"chorus {__version__}\n"


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["import"],
        ["import", "x", "--columns", "text"],
        ["delete", "x"],
        ["serve", "--port", "0"],
        ["train"],
        ["evaluate"],
        ["sing"],
    ],
    ids=" ".join,
)
def test_a_wrong_command_line_ends_with_code_2(arguments: list[str]) -> None:
    """What isn't understood is explained on stderr, with the usage."""
    result = run(*arguments)
    assert result.exit_code == 2
    assert result.stderr.startswith("Usage: chorus ")
    assert result.stdout == ""


def test_help_loads_nothing_heavy() -> None:
    """The libraries of a command are imported when it runs."""
    program = f"from dashboard.cli import main; import sys; main(['train', '-h']); print([n for n in {HEAVY} if n in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_main_returns_the_exit_code(capsys: pytest.CaptureFixture[str]) -> None:
    """The installed script passes it on."""
    assert cli.main(["--version"]) == 0
    assert cli.main(["sing"]) == 2
    assert "No such command 'sing'" in capsys.readouterr().err


def test_runs_as_a_module_and_shows_no_traceback(tmp_path: Path) -> None:
    """`python -m dashboard.cli` is the same program, and fails in one line."""
    command = [sys.executable, "-m", "dashboard.cli", "import", str(tmp_path / "missing"), "--datasets", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 1
    assert done.stderr == f"chorus: {tmp_path / 'missing'}: No such file or directory.\n"


# --- serve -----------------------------------------------------------------------------------------------------------


def test_serve_runs_gunicorn_with_the_repositorys_settings(tmp_path: Path) -> None:
    """A setting that gunicorn.conf.py refuses ends it, whatever the working folder is."""
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "CHORUS_CACHE_URL": "nonsense://"}
    command = [sys.executable, "-m", "dashboard.cli", "serve", "--port", "9"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert done.returncode == 1
    assert "CHORUS_CACHE_URL is empty (in memory), file:///folder, or redis://host:port/number." in done.stderr


def test_serve_listens_on_the_port_of_its_option(tmp_path: Path) -> None:
    """--port takes precedence over the environment; gunicorn is only asked to check its settings."""
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "AIP_HTTP_PORT": "7001", "GUNICORN_CMD_ARGS": "--print-config"}
    command = [sys.executable, "-m", "dashboard.cli", "serve", "--port", "7002"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, cwd=tmp_path, check=True)
    assert re.search(r"^bind += \['0\.0\.0\.0:7002'\]$", done.stdout, re.MULTILINE)


# --- import ----------------------------------------------------------------------------------------------------------


def test_import_prints_where_the_posts_can_be_seen(tmp_path: Path) -> None:
    """The output has accounts, counts, the path of the charts and the owner's link."""
    result = run("import", write_table(tmp_path), "--datasets", tmp_path / "kept")
    assert result.exit_code == 0
    assert re.search(r"see    /report\?users=file:([0-9a-f]{32})\n  delete /datasets/\1/delete\?key=[0-9a-f]{32}\n", result.stdout)
    assert "3 posts of 2 accounts" in result.stdout
    assert "/ann: 2 posts" in result.stdout


def test_import_says_which_rows_are_unreadable_and_why(tmp_path: Path) -> None:
    """Rows that can't be read are counted, with the reasons."""
    output = run("import", write_table(tmp_path, TABLE + "4,ann,2026-03-02,too,many\n"), "--datasets", tmp_path / "kept").stdout
    assert "1 row can't be read" in output
    assert "Line 5 has 5 cells, but the table has 4 columns." in output


def test_import_says_how_a_file_was_understood(tmp_path: Path) -> None:
    """The period, the zone, the columns and the languages are those of the page after an upload."""
    output = run("import", write_table(tmp_path), "--datasets", tmp_path / "kept").stdout
    assert "  period    " in output
    assert "  time zone " in output
    assert "  columns   text from “text”" in output
    assert "  languages not in the file" in output


def test_import_names_the_option_for_times_without_a_zone(tmp_path: Path) -> None:
    """A form has a field for it, a command has --zone."""
    path = tmp_path / "posts.csv"
    path.write_text("date,text\n2026-03-01 23:30,Good fog\n", encoding="utf-8")
    output = run("import", path, datasets=tmp_path / "datasets").output
    assert "was read as UTC. If it’s in another one, name it by --zone, as in --zone Europe/Berlin." in output
    assert "read the file again" not in output


def test_import_names_the_account_of_posts_without_one(tmp_path: Path) -> None:
    """Otherwise they are listed under the file's name."""
    file = write_table(tmp_path, "created_at,text\n2026-03-01,good\n")
    assert "/harbour: 1 post" in run("import", file, "--account", "Harbour", "--datasets", tmp_path / "kept").stdout


def test_import_takes_the_folder_from_the_environment(tmp_path: Path) -> None:
    """CHORUS_DATASETS is the folder unless another is named."""
    assert run("import", write_table(tmp_path), datasets=tmp_path / "kept").exit_code == 0
    assert len(list((tmp_path / "kept").iterdir())) == 1


def test_import_and_make_run_use_the_same_folder() -> None:
    """Without a setting, imported files go where `make run` looks for them."""
    folder = next(option for option in cli.chorus.commands["import"].params if option.name == "datasets").default
    assert re.search(r"CHORUS_DATASETS=\$\$\{CHORUS_DATASETS-(\w+)\}", (ROOT / "Makefile").read_text("utf-8"))[1] == "datasets"  # type: ignore[index]
    assert folder == str(ROOT / "datasets")


def test_import_says_where_files_go() -> None:
    """The help names the default folder, and the setting that a server must share."""
    output = " ".join(run("import", "--help").stdout.split())
    assert "[env var: CHORUS_DATASETS; default: (datasets in the folder of Chorus, as for `make run`)]" in output
    assert "A server shows the files in its own CHORUS_DATASETS." in output


def test_import_needs_a_folder(tmp_path: Path) -> None:
    """An empty name is refused with what to do."""
    result = run("import", write_table(tmp_path), "--datasets", "")
    assert result.exit_code == 1
    assert result.stderr == "chorus: There is no folder for imported files. Name one with --datasets DIR.\n"


@pytest.mark.parametrize("arguments", [["import", "FILE"], ["analyze", "FILE", "--out", "posts"], ["delete", "0", "--key", "1"]])
def test_commands_refuse_a_bucket_as_their_folder(arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """They say to mount it, and don't make a folder called `s3:`."""
    monkeypatch.chdir(tmp_path)
    file = write_table(tmp_path)
    result = run(*(str(file) if argument == "FILE" else argument for argument in arguments), datasets="s3://posts/datasets")
    assert result.exit_code == 1
    assert result.stderr.startswith(
        "chorus: --datasets (CHORUS_DATASETS) is a folder on this machine, and can't be an address with ://. Mount"
    )
    assert list(tmp_path.iterdir()) == [file]


def test_import_asks_which_column_is_which(tmp_path: Path) -> None:
    """Unknown columns are asked about in a line that shows how to answer."""
    result = run("import", write_table(tmp_path, "wann,was\n2026-01-01,Nebel\n"), "--datasets", tmp_path / "kept")
    assert result.exit_code == 1
    assert result.stderr.count("\n") == 1
    assert "“wann”, “was”" in result.stderr
    assert "--columns" in result.stderr


def test_import_takes_columns_as_they_are_named(tmp_path: Path) -> None:
    """--columns answers that question."""
    file = write_table(tmp_path, "wann,was\n2026-01-01,Nebel\n")
    assert run("import", file, "--datasets", tmp_path / "kept", "--columns", "text=was, created_at=wann").exit_code == 0


@pytest.mark.parametrize(
    ("date", "question", "answer"),
    [
        ("04/05/2026", "--date-order day-first", ("--date-order", "day-first")),
        ("2026-07-02 21:30 BST", "--zone Europe/London", ("--zone", "Europe/London")),
    ],
)
def test_import_asks_how_times_are_written(tmp_path: Path, date: str, question: str, answer: tuple[str, str]) -> None:
    """The line shows the option that answers the question, and the option does."""
    file = write_table(tmp_path, f"date,text\n{date},Fog\n")
    asked = run("import", file, "--datasets", tmp_path / "kept")
    assert asked.exit_code == 1
    assert question in asked.stderr
    assert run("import", file, "--datasets", tmp_path / "kept", *answer).exit_code == 0


def test_import_goes_on_after_a_file_that_fails(tmp_path: Path) -> None:
    """Each file is imported independently; one that fails has its line, and makes the exit code 1."""
    missing, page = tmp_path / "missing.csv", write_table(tmp_path, "<html>", "page.csv")
    result = run("import", missing, page, tmp_path, write_table(tmp_path), "--datasets", tmp_path / "kept")
    lines = result.stderr.splitlines()
    assert result.exit_code == 1
    assert lines[0] == f"chorus: {missing}: No such file or directory."
    assert lines[1].startswith(f"chorus: {page}: page.csv is a web page, not a list of posts.")
    assert lines[2] == f"chorus: {tmp_path}: Is a directory."
    assert len(lines) == 3
    assert "3 posts" in result.stdout


def test_import_shows_its_progress_on_a_terminal(tmp_path: Path) -> None:
    """A bar on stderr reaches 100 % when the whole file has been read; stdout stays clean."""
    terminal, stderr = pty.openpty()
    command = [sys.executable, "-m", "dashboard.cli", "import", str(write_table(tmp_path)), "--datasets", str(tmp_path / "kept")]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=stderr, cwd=ROOT, check=True)
    os.close(stderr)
    screen = read_screen(terminal)
    assert "Importing posts.csv" in screen
    assert "100%" in screen
    assert b"Importing" not in done.stdout


def read_screen(terminal: int) -> str:
    """Return what was written to a terminal that every writer has closed."""
    blocks = []
    with contextlib.suppress(OSError):  # which is how Linux says that nobody writes any more
        while block := os.read(terminal, 4096):
            blocks.append(block)
    os.close(terminal)
    return b"".join(blocks).decode()


# --- delete ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("prefix", ["", "file:"])
def test_delete_removes_a_file_with_its_owners_key(tmp_path: Path, prefix: str) -> None:
    """The printed key deletes, with the ID alone or as accounts are written."""
    dataset_id, key = import_table(tmp_path)
    result = run("delete", prefix + dataset_id, "--key", key, "--datasets", tmp_path / "kept")
    assert result.stdout == f"file:{dataset_id} is deleted.\n"
    assert list((tmp_path / "kept").iterdir()) == []


def test_delete_refuses_another_key(tmp_path: Path) -> None:
    """Nothing is deleted without the owner's key."""
    dataset_id, _ = import_table(tmp_path)
    result = run("delete", dataset_id, "--key", "wrong", "--datasets", tmp_path / "kept")
    assert result.exit_code == 1
    assert result.stderr == "chorus: There is no imported file with this ID, or this isn't its owner's key.\n"
    assert len(list((tmp_path / "kept").iterdir())) == 1
