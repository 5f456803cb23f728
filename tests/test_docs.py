"""The documents stay true: README names what there is, and its commands exist."""

import re
import subprocess

import pytest

from dashboard.app import create_app
from dashboard.core.query import Query
from tests.support.paths import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
CONFIG = (ROOT / "dashboard" / "config.py").read_text(encoding="utf-8")


def routes() -> list[str]:
    """Return every route as the README writes it."""
    rules = {re.sub(r"<any\([^>]*\):kind>", "KIND", str(rule)) for rule in create_app({}).url_map.iter_rules()}
    return sorted(re.sub(r"<any\([^>]*\):form>", "FORMAT", rule) for rule in rules)


@pytest.mark.parametrize("route", routes())
def test_every_route_is_in_the_readme(route: str) -> None:
    """A route that nobody can read of is not offered."""
    assert f"`{route}`" in README


@pytest.mark.parametrize("name", sorted(set(re.findall(r'"([A-Z][A-Z_]{3,})"', CONFIG))))
def test_every_setting_is_in_the_readme(name: str) -> None:
    """A setting that the program reads is explained."""
    assert f"`{name}`" in README


@pytest.mark.parametrize("name", list(Query.model_fields))
def test_every_parameter_is_in_the_readme(name: str) -> None:
    """A parameter that the program takes is explained."""
    assert f"`{name}`" in README


@pytest.mark.parametrize("status", ["400", "404", "429", "503"])
def test_every_status_is_in_the_readme(status: str) -> None:
    """An error that programs meet is explained."""
    assert f"| {status} |" in README


@pytest.mark.parametrize("target", sorted(set(re.findall(r"`make ([a-z]+)`", README))))
def test_every_command_of_the_readme_exists(target: str) -> None:
    """What the README tells to type, make knows."""
    assert subprocess.run(["make", "--dry-run", target], cwd=ROOT, capture_output=True, check=False).returncode == 0


@pytest.mark.parametrize("path", sorted(set(re.findall(r"\]\(((?!http)[^)#]+)\)", README))))
def test_every_file_of_the_readme_exists(path: str) -> None:
    """Links of the README to files lead somewhere."""
    assert (ROOT / path).exists()


def test_make_alone_prints_its_targets() -> None:
    """`make` without a target says what there is."""
    told = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert [name in told for name in ("make run", "make test")] == [True, True]


@pytest.mark.parametrize(
    "name", ["requirements.txt", "requirements-dev.txt", "requirements-models.txt", "package-lock.json", "Makefile", ".npmrc"]
)
def test_no_lock_names_a_registry(name: str) -> None:
    """Locks pin by hash and name no host, so they work behind any mirror."""
    assert re.findall(r"https?://|-index-url \S+://|find-links", (ROOT / name).read_text(encoding="utf-8")) == []
