"""The house keeps its shape: who imports whom, what is loaded when, how long things are."""

import ast
import json
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from dashboard.core.charts import CHARTS
from tests.support.fault_suite import ONLY_IN_FAULTS
from tests.support.paths import ROOT

MODULES = sorted((ROOT / "dashboard").rglob("*.py"))
DOMAIN = sorted(
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    for path in MODULES
    if not {"web", "server", "cli"} & set(path.parts) and path.name != "app.py"
)
READS_OF_THE_TIME = {
    *(("datetime", name) for name in ("now", "today", "utcnow")),
    ("date", "today"),
    *(("time", name) for name in ("time", "time_ns", "gmtime", "localtime")),
}
IMPORT_OF_A_TEST = re.compile(r"^\s*(from|import) (tests[\w.]*)?\.?test_", re.MULTILINE)
HEAVY = ["polars", "plotly", "altair", "vl_convert", "tweepy", "sklearn", "vaderSentiment", "redis"]


@cache
def parse_module(path: Path) -> ast.Module:
    """Return the syntax tree of a module, parsed once."""
    return ast.parse(path.read_text("utf-8"))


def loaded_by(code: str, names: list[str]) -> list[str]:
    """Return which of the modules a fresh interpreter has loaded after running code."""
    program = f"{code}\nimport sys, json\nprint(json.dumps([name for name in {names} if name in sys.modules]))"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    return list(json.loads(done.stdout.splitlines()[-1]))


def test_imports_keep_the_contracts() -> None:
    """import-linter finds the contracts of setup.cfg kept."""
    done = subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


def test_the_domain_loads_without_flask() -> None:
    """Every domain module works in a notebook: importing all of them loads no Flask."""
    assert loaded_by("\n".join(f"import {name}" for name in DOMAIN), ["flask", "werkzeug", "flask_caching"]) == []


def test_making_the_application_loads_nothing_heavy() -> None:
    """Start is quick because the libraries of the domain are loaded with the first question."""
    unneeded = ["requests", "limits", "numpy", "dashboard.sources.files.times.grammar"]
    assert loaded_by("from dashboard.app import create_app; create_app({})", HEAVY + unneeded) == []


def test_the_column_registry_loads_nothing_heavy() -> None:
    """What a column means can be read without the libraries that compute tables."""
    assert loaded_by("from dashboard.core.columns import COLUMNS; COLUMNS.names()", HEAVY) == []


@pytest.mark.parametrize("name", CHARTS.names())
def test_every_registered_chart_has_a_builder(name: str) -> None:
    """The registry names builders as text, so that it stays light; each of them can be imported."""
    assert callable(CHARTS[name].load_builder())


@pytest.mark.parametrize(
    "settings",
    [pytest.param({}, marks=ONLY_IN_FAULTS), {"X_BEARER_TOKEN": "token", "CHORUS_DATASETS": "/nowhere"}],
    ids=["demo", "with X and files"],
)
def test_an_error_page_loads_nothing_heavy(settings: dict[str, str]) -> None:
    """The first answer of a process is quick if it's only an error page."""
    program = f"""
from dashboard.app import create_app
client = create_app({settings}).test_client()
statuses = [client.get(url, headers={{"Accept": "text/html"}}).status_code for url in ("/nothing-here", "/report?users=")]
assert statuses == [404, 400]
"""
    assert loaded_by(program, HEAVY) == []


@pytest.mark.slow
def test_only_the_clock_asks_for_the_time() -> None:
    """Everything else takes a Clock; durations are measured with time.monotonic."""
    others = [path for path in MODULES if path != ROOT / "dashboard" / "core" / "clock.py"]
    assert [f"{path.relative_to(ROOT)}:{line}" for path in others for line in lines_asking_for_the_time(path)] == []


def lines_asking_for_the_time(path: Path) -> list[int]:
    """Return the lines of a module that name what returns the computer's date or time."""
    nodes = list(ast.walk(parse_module(path)))
    attributes = {
        (node.value.id, node.attr): node.lineno for node in nodes if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
    }
    imports = {(node.module, name.name): node.lineno for node in nodes if isinstance(node, ast.ImportFrom) for name in node.names}
    return [line for names, line in (attributes | imports).items() if names in READS_OF_THE_TIME]


@pytest.mark.slow
def test_every_module_opens_with_a_docstring() -> None:
    """A reader learns in its first line what a module is for."""
    assert [str(path) for path in MODULES if not ast.get_docstring(parse_module(path))] == []


@pytest.mark.slow
def test_no_function_has_forty_lines() -> None:
    """A function fits on a screen."""
    functions = [
        (f"{path.relative_to(ROOT)}: {node.name}", (node.end_lineno or 0) - node.lineno)
        for path in MODULES
        for node in ast.walk(parse_module(path))
        if isinstance(node, ast.FunctionDef)
    ]
    assert [name for name, lines in functions if lines >= 40] == []


def test_no_test_imports_another_test() -> None:
    """What tests share lives in tests/support/, in imports and in the programs that tests run in processes of their own."""
    modules = sorted((ROOT / "tests").rglob("*.py"))
    assert [str(path.relative_to(ROOT)) for path in modules if IMPORT_OF_A_TEST.search(path.read_text("utf-8"))] == []
