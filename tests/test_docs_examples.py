"""Every example of the README and of the documentation runs: shell commands, Python, JSON bodies, pages to embed, and URLs.

A fenced block of a kind that nothing here runs fails. A block that directly follows a shell command is its output: in it, “…” stands for
any value. What can't run on a machine without it (docker, gcloud) is checked as far as it can be, or skipped with the reason.
"""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import urllib.request
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml
from flask.testing import FlaskClient

from dashboard.cli import chorus
from dashboard.core.query import Query
from tests.support.paths import ROOT
from tests.support.served_browser import ACCESS_KEY

DOCS = ROOT / "docs"
GENERATED = {DOCS / "model-card.md"}  # its own test holds it equal to what the training writes
PAGES = [ROOT / "README.md", ROOT / "lexicons" / "README.md", *sorted(set(DOCS.rglob("*.md")) - GENERATED)]
SERVER = "http://localhost:8080"
FENCE = re.compile(r"^(?P<indent> *)```(?P<kind>[^\s{]\S*)[^\n]*\n(?P<text>.*?)^(?P=indent)```$", re.MULTILINE | re.DOTALL)
FOLDERS = {"/tmp", "/datasets", "/2/…", "/xrpc/…", "/api/v1/…"}  # paths in code that are no routes of ours
NAMES = {"KIND": "frequency", "FORMAT": "csv", "<identity>": "0" * 32, "ID": "0" * 32}
TWEET = {"id_str": "1", "created_at": "Mon Mar 02 09:30:00 +0000 2026", "full_text": "Fog in the harbour", "entities": {}}
LABELLED = "label\ttext\n" + "".join(f"{label}\t{text}\n" for label, text in [(0, "Awful service."), (1, "It is 10."), (2, "Lovely!")] * 4)


@dataclass(frozen=True)
class Example:
    """A fenced block with where it stands and, if it is a shell command, what it prints."""

    page: Path
    line: int
    kind: str
    text: str
    output: "Example | None" = None

    @property
    def name(self) -> str:
        """Return what a failing test is called."""
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def examples() -> Iterator[Example]:
    """Find every block; an output belongs to the command before it."""
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        fences = list(FENCE.finditer(text))
        blocks = [(block, Example(page, text.count("\n", 0, block.start()) + 1, block["kind"], _dedented(block))) for block in fences]
        outputs = {
            later.start(): example
            for (before, command), (later, example) in pairwise(blocks)
            if command.kind == "sh" and example.kind in ("json", "text") and not text[before.end() : later.start()].strip()
        }
        for at, (block, example) in enumerate(blocks):
            if block.start() not in outputs:
                after = outputs.get(blocks[at + 1][0].start()) if at + 1 < len(blocks) else None
                yield Example(example.page, example.line, example.kind, example.text, after)


def _dedented(block: re.Match[str]) -> str:
    return re.sub(rf"^{block['indent']}", "", block["text"], flags=re.MULTILINE)


def of(*kinds: str) -> pytest.MarkDecorator:
    """Run a test with each block of these kinds."""
    return pytest.mark.parametrize("example", [pytest.param(example, id=example.name) for example in examples() if example.kind in kinds])


def test_every_block_is_of_a_kind_that_runs() -> None:
    """Nothing is skipped because nobody knows how to run it."""
    assert [
        f"{example.name} {example.kind}" for example in examples() if example.kind not in ("sh", "python", "json", "yaml", "html")
    ] == []


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the files that examples speak of."""
    (tmp_path / "posts.csv").write_text("created_at,text\n04/05/2026 10:00,good\n", encoding="utf-8")
    with zipfile.ZipFile(tmp_path / "archive.zip", "w") as archive:
        archive.writestr("data/tweets.js", f"window.YTD.tweets.part0 = {json.dumps([{'tweet': TWEET}])}")
        archive.writestr("data/account.js", 'window.YTD.account.part0 = [{"account": {"username": "harbour", "accountId": "7"}}]')
    (tmp_path / "labelled.tsv").write_text(LABELLED, encoding="utf-8")
    (tmp_path / "chorus.log").write_text('{"message": "fine"}\n{"error": {"fingerprint": "5d41", "kind": "KeyError"}}\n', encoding="utf-8")
    return tmp_path


@of("sh")
def test_shell_examples_run(example: Example, folder: Path, request: pytest.FixtureRequest) -> None:
    """Each command does what the page says; what can't run here is checked by what knows its options."""
    lines = [line for line in re.sub(r"\\\n", " ", example.text).splitlines() if line.strip()]
    printed, skipped = [], []
    for line in lines:
        command = re.sub(r"\s+# .*", "", line)
        if "gcloud " in command:
            assert example.page.parent.name == "operate", "tests/test_deploy.py asks gcloud about commands of docs/operate only"
        elif command.startswith("docker "):
            skipped += [reason for part in command.split(" && ") for reason in _not_understood(part)]
        elif command.startswith("make "):
            subprocess.run(["make", "--dry-run", *shlex.split(command)[1:]], cwd=ROOT, capture_output=True, check=True)
        elif command.startswith("python3 deploy/"):
            _takes([sys.executable, *shlex.split(command)[1:2]], command)
        elif "pip install" in command:
            extra = re.search(r"'\.\[(\w+)\]'", command)
            assert extra is not None
            assert re.search(rf"^{extra[1]} =$", (ROOT / "setup.cfg").read_text(encoding="utf-8"), re.MULTILINE)
        else:
            server = request.getfixturevalue("locked" if "Bearer KEY" in command else "unlocked")
            printed.append(_run(command.replace(SERVER, server).replace("Bearer KEY", f"Bearer {ACCESS_KEY}"), folder))
    if example.output:
        _same("".join(printed), example.output)
    if skipped:
        pytest.skip("; ".join(skipped))


def _run(command: str, folder: Path) -> str:
    command = command.replace(".venv/bin/chorus", f"{shlex.quote(sys.executable)} -m dashboard.cli")
    variables = {"HOME": str(folder), "CHORUS_DATASETS": str(folder / "datasets"), "PYTHONPATH": str(ROOT)}
    environment = {"PATH": os.environ["PATH"]} | variables
    done = subprocess.run(
        ["bash", "-eo", "pipefail", "-c", command], cwd=folder, env=environment, capture_output=True, check=False, timeout=120
    )
    assert done.returncode == 0, f"{command}\n{done.stderr.decode()}"
    return done.stdout.decode(errors="replace")


def _not_understood(command: str) -> list[str]:
    """Fail if docker has no such option; return why that can't be told here, if so."""
    if not shutil.which("docker"):
        return ["docker is not installed"]
    words = shlex.split(command)
    if words[1] == "compose":
        assert (ROOT / "compose.yaml").exists()
        return [] if "Usage:  docker compose" in _help(["docker", "compose"]) else ["docker's compose plugin is not installed"]
    _takes(words[:2], command.partition(" chorus ")[0])
    return []


def _takes(program: list[str], command: str) -> None:
    """Fail if a program's --help doesn't name an option of a command."""
    help_text = _help(program)
    assert [option for option in re.findall(r"--[a-z-]+", command) if option not in help_text] == []


def _help(program: list[str]) -> str:
    return subprocess.run([*program, "--help"], cwd=ROOT, capture_output=True, text=True, check=False).stdout


def _same(printed: str, output: Example) -> None:
    """Compare what was printed with what the page shows."""
    if output.kind == "json":
        assert _shown(json.loads(printed), json.loads(output.text)) == json.loads(output.text), output.name
    else:
        assert printed.replace("\r\n", "\n").strip().lower() == output.text.strip().lower(), output.name


def _shown(value: Any, page: Any) -> Any:
    """Return a value as the page writes it: with “…” where that stands for anything, and numbers as near as the page gives them."""
    if page in ("…", ["…"]):
        return page
    if isinstance(value, dict) and isinstance(page, dict):
        return {name: _shown(part, page.get(name)) for name, part in value.items()}
    if isinstance(value, list) and isinstance(page, list) and len(value) == len(page):
        return [_shown(*pair) for pair in zip(value, page, strict=True)]
    return page if isinstance(value, float) and value == pytest.approx(page, abs=1e-6) else value


@of("python")
def test_python_examples_run(example: Example, unlocked: str, folder: Path) -> None:
    """Each program ends well."""
    program = example.text.replace(SERVER, unlocked)
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program], cwd=folder, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0
    assert done.stderr == ""


@of("json")
def test_json_examples_are_bodies_that_are_answered(example: Example, client: FlaskClient) -> None:
    """A body on its own is one of /predict; the built-in model knows what features are, and that it doesn't read them."""
    body = json.loads(example.text)
    response = client.post("/predict", json=body)
    if "features" in body:
        assert [(problem["field"], "unknown" in problem["message"].lower()) for problem in response.get_json()["problems"]] == [
            ("features", False)
        ]
    else:
        assert response.status_code == 200, response.get_json()


@of("yaml")
def test_yaml_examples_can_be_read(example: Example) -> None:
    """Nothing is mistyped."""
    assert yaml.safe_load(example.text)


@of("html")
def test_html_examples_show_something(example: Example, unlocked: str) -> None:
    """What another page embeds is served."""
    sources = list[str]()

    class Sources(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            sources.extend(value or "" for name, value in attrs if name == "src")

    Sources().feed(example.text)
    assert len(sources) == 1
    assert sources[0].startswith(SERVER)
    for url in sources:
        with urllib.request.urlopen(url.replace(SERVER, unlocked)) as response:
            assert response.status == 200


# --- in the text ------------------------------------------------------------------------------------------------------


def _inline(pattern: str) -> list[Any]:
    """Return every piece of inline code, or link to the local server, that a pattern finds, each once, with its page."""
    examples_by_text: dict[str, str] = {}
    for page in PAGES:
        text = FENCE.sub("", page.read_text(encoding="utf-8"))
        for code in re.findall(r"`([^`\n]+)`", text) + re.findall(r"<(http://localhost:8080[^>\s]*)>", text):
            if re.search(pattern, code.removeprefix(SERVER)):
                examples_by_text.setdefault(code.removeprefix(SERVER), str(page.relative_to(ROOT)))
    return [pytest.param(code, id=f"{page}: {code}") for code, page in examples_by_text.items()]


@pytest.mark.parametrize("path", _inline(r"^((GET|POST) )?/"))
def test_paths_in_the_text_are_routes(path: str, demo_client: FlaskClient) -> None:
    """Every path exists, and paths with a query string are requested."""
    method, _, path = path.rpartition(" ")
    if path in FOLDERS or re.fullmatch("/kept/([a-z]+/)?…?", path):
        return
    for name, value in NAMES.items():
        path = path.replace(name, value)
    if "?" in path and "file:" not in path and "…" not in path:
        assert demo_client.get(path).status_code in (200, 303)
    rules = demo_client.application.url_map.bind("localhost")
    assert any(rules.test(path.partition("?")[0], verb) for verb in ([method] if method else ["GET", "POST"]))


@pytest.mark.parametrize("command", _inline(r"\bmake [a-z]"))
def test_make_in_the_text_knows_its_target(command: str) -> None:
    """What a page says to type, make knows."""
    target = command.partition("make ")[2]
    assert subprocess.run(["make", "--dry-run", target], cwd=ROOT, capture_output=True, check=False).returncode == 0


@pytest.mark.parametrize("command", _inline(r"^chorus [a-z]"))
def test_commands_in_the_text_exist(command: str) -> None:
    """The command and its options are those that Chorus has."""
    options = {option for parameter in chorus.commands[command.split()[1]].params for option in parameter.opts}
    assert set(re.findall(r"--[a-z-]+", command)) - options == set()


@pytest.mark.parametrize(
    "row", re.findall(r"^\| (Bluesky|Mastodon|X|Files|Demo) \|.*\| (.*) \|$", (DOCS / "use/accounts.md").read_text("utf-8"), re.M)
)
def test_accounts_can_be_written_as_the_table_says(row: tuple[str, str]) -> None:
    """Every spelling means an account of its network."""
    network, cell = row
    written = [text.replace("ID", "0" * 32).replace("NAME", "ann") for text in re.findall(r"`([^`]+)`", cell)]
    networks = {user.network for text in written for user in Query.parse({"users": [text]}).users}
    assert {name.removesuffix("s") for name in networks} == {network.lower().removesuffix("s")}
