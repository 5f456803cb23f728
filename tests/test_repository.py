"""The files around the code: the license, the version, the changelog, and what GitHub, editors and pre-commit read."""

import configparser
import csv
import hashlib
import re
import shlex
import subprocess
import sys
from datetime import date
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
import yaml

from dashboard import __version__
from tests.support.paths import ROOT

BIN = Path(sys.executable).parent
SETUP = configparser.ConfigParser()
SETUP.read(ROOT / "setup.cfg", encoding="utf-8")
CHANGELOG = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
LICENSE_DIGESTS = {"Apache-2.0": "c71d239df91726fc519c6eb72d318ec65820627232b2f796219e87dcf35d0ab4"}
SCHEMAS = {
    "vendor.github-workflows": [".github/workflows/audit.yml", ".github/workflows/ci.yml"],
    "custom.github-workflows-require-timeout": [".github/workflows/audit.yml", ".github/workflows/ci.yml"],
    "vendor.dependabot": [".github/dependabot.yml"],
    "vendor.github-issue-forms": [".github/ISSUE_TEMPLATE/bug.yml", ".github/ISSUE_TEMPLATE/feature.yml"],
    "vendor.github-issue-config": [".github/ISSUE_TEMPLATE/config.yml"],
}

WORKFLOWS = SCHEMAS["vendor.github-workflows"]


def read_yaml(name: str) -> Any:
    """Return what a YAML file of the repository contains."""
    return yaml.safe_load((ROOT / name).read_text(encoding="utf-8"))


def check_schema(schema: str, *paths: Path) -> subprocess.CompletedProcess[str]:
    """Run check-jsonschema with one of the schemas it carries."""
    command = [BIN / "check-jsonschema", "--builtin-schema", schema, *paths]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def releases() -> list[tuple[str, str]]:
    """Return version and date of each release in the changelog, newest first."""
    return re.findall(r"^## \[(\d+\.\d+\.\d+)\] - (\S+)$", CHANGELOG, re.MULTILINE)


# The license and the version


def test_the_license_is_the_one_that_setup_cfg_names() -> None:
    """LICENSE is, to the byte, the text of the license that the package's metadata states."""
    metadata = SETUP["metadata"]
    assert metadata["license_files"] == "LICENSE"
    assert hashlib.sha256((ROOT / "LICENSE").read_bytes()).hexdigest() == LICENSE_DIGESTS[metadata["license"]]


def test_setup_cfg_reads_the_version_from_the_package() -> None:
    """The version is written once, in dashboard/__init__.py, and a built package has it too."""
    assert SETUP["metadata"]["version"] == "attr: dashboard.__version__"


def test_the_version_costs_no_further_import() -> None:
    """A fresh interpreter that imports `dashboard` for its version loads none of its modules."""
    program = "import sys, dashboard; print(dashboard.__version__, *[name for name in sys.modules if name.startswith('dashboard.')])"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == [__version__]


def test_the_security_policy_supports_the_version() -> None:
    """The table of supported versions names the current series."""
    series = ".".join(__version__.split(".")[:2])
    assert f"| {series}.x | yes |" in (ROOT / "SECURITY.md").read_text(encoding="utf-8")


# The changelog


def test_the_newest_release_is_the_version() -> None:
    """Whoever changes the version writes what is in it."""
    assert releases()[0][0] == __version__


def test_releases_are_dated_and_newest_first() -> None:
    """Dates are ISO dates, and no older release stands above a newer one."""
    dates = [date.fromisoformat(day) for _, day in releases()]
    assert dates == sorted(dates, reverse=True)


def test_unreleased_changes_come_first() -> None:
    """The first section is for what the next release will have."""
    assert re.findall(r"^## (.+)$", CHANGELOG, re.MULTILINE)[0] == "[Unreleased]"


def test_changes_are_grouped_by_their_standard_types() -> None:
    """Headings inside a release are those of Keep a Changelog."""
    types = set(re.findall(r"^### (.+)$", CHANGELOG, re.MULTILINE))
    assert types - {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"} == set()


# GitHub


@pytest.mark.parametrize("schema", SCHEMAS)
def test_files_for_github_follow_their_schema(schema: str) -> None:
    """GitHub rejects a file that doesn't, without telling anyone."""
    done = check_schema(schema, *(ROOT / name for name in SCHEMAS[schema]))
    assert done.returncode == 0, done.stdout


def test_every_file_for_github_is_checked() -> None:
    """A new workflow or form can't skip the test above."""
    assert {path.relative_to(ROOT).as_posix() for path in (ROOT / ".github").rglob("*.yml")} == set(chain(*SCHEMAS.values()))


def test_the_schema_check_fails_for_a_wrong_file(tmp_path: Path) -> None:
    """A workflow without jobs is refused."""
    path = tmp_path / "ci.yml"
    path.write_text("name: CI\non: push\n", encoding="utf-8")
    assert check_schema("vendor.github-workflows", path).returncode == 1


def test_the_licence_of_every_package_in_the_image_is_listed() -> None:
    """`make licences` writes the list; it has to be run when a package is added or removed."""
    with (ROOT / "docs" / "operate" / "licences.csv").open(encoding="utf-8", newline="") as table:
        listed = {re.sub(r"[-_.]+", "-", row["Name"]).lower(): row["License"] for row in csv.DictReader(table)}
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    pinned = {line.partition("==")[0] for line in lines if "==" in line and " ; " not in line}
    assert pinned - set(listed) == set()
    assert [name for name, licence in listed.items() if not licence or licence == "UNKNOWN"] == []


def test_the_workflow_runs_what_any_other_machine_runs() -> None:
    """There is one list of checks, in the Makefile, and `.ci/run` is how a build machine starts it."""
    steps = read_yaml(".github/workflows/ci.yml")["jobs"]["test"]["steps"]
    assert [step["run"] for step in steps if "run" in step] == [".ci/run"]
    assert (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()[-2:] == ["make test", "make faults"]


@pytest.mark.parametrize("name", WORKFLOWS)
def test_a_workflow_may_only_read(name: str) -> None:
    """A compromised action or package can't write to the repository."""
    workflow = read_yaml(name)
    assert workflow["permissions"] == {"contents": "read"}
    assert [job["permissions"] for job in workflow["jobs"].values() if "permissions" in job] == []


@pytest.mark.parametrize("name", WORKFLOWS)
def test_actions_are_pinned_to_full_versions(name: str) -> None:
    """`@v6` would move without a commit of ours."""
    text = (ROOT / name).read_text(encoding="utf-8")
    versions = re.findall(r"uses: \S+@(\S+)", text)
    assert versions
    assert [version for version in versions if not re.fullmatch(r"v\d+\.\d+\.\d+", version)] == []


def test_the_workflow_tests_the_oldest_supported_python() -> None:
    """The lowest Python that setup.cfg allows is in the matrix."""
    pythons = read_yaml(".github/workflows/ci.yml")["jobs"]["test"]["strategy"]["matrix"]["python"]
    assert pythons[0] == SETUP["options"]["python_requires"].removeprefix(">=")


def test_every_update_is_weekly_and_grouped() -> None:
    """Each kind of dependency takes one pull request a week."""
    updates = {update["package-ecosystem"]: update for update in read_yaml(".github/dependabot.yml")["updates"]}
    assert set(updates) == {"pip", "npm", "docker", "docker-compose", "github-actions"}
    for ecosystem, update in updates.items():
        assert update["schedule"]["interval"] == "weekly", ecosystem
        assert [group["patterns"] for group in update["groups"].values()] == [["*"]], ecosystem


# pre-commit


def hooks() -> list[dict[str, Any]]:
    """Return every hook of every repository that pre-commit reads."""
    return [hook for repository in read_yaml(".pre-commit-config.yaml")["repos"] for hook in repository["hooks"]]


def test_hooks_download_nothing() -> None:
    """All hooks are local, and start programs that are already there."""
    assert [repository["repo"] for repository in read_yaml(".pre-commit-config.yaml")["repos"]] == ["local"]
    assert {hook["language"] for hook in hooks()} == {"system"}


@pytest.mark.parametrize("hook", hooks(), ids=lambda hook: hook["id"])
def test_a_hook_starts_something_that_exists(hook: dict[str, Any]) -> None:
    """Each hook is a make target, or a program that requirements-dev.txt installs."""
    program, argument, *_ = [*shlex.split(hook["entry"]), ""]
    if program == "make":
        assert subprocess.run(["make", "--dry-run", argument], cwd=ROOT, capture_output=True, check=False).returncode == 0
    else:
        assert program.startswith(".venv/bin/")
        assert (BIN / Path(program).name).exists()
