"""What other code computed is told apart from what this code would compute, whichever module of a package has changed."""

from pathlib import Path
from types import ModuleType

from dashboard.core.code_digest import digest_packages


def make_package(folder: Path, **modules: str) -> ModuleType:
    """Return a package with these modules in a new folder, as if it were imported."""
    folder.mkdir()
    for name, code in modules.items():
        (folder / f"{name}.py").write_text(code)
    package = ModuleType("package")
    package.__path__ = [str(folder)]
    return package


def test_a_change_in_any_module_of_a_package_changes_its_digest(tmp_path: Path) -> None:
    """An equal package elsewhere has the same digest."""
    package = make_package(tmp_path / "one", tokens="A = 1", scores="B = 2")
    equal = make_package(tmp_path / "two", tokens="A = 1", scores="B = 2")
    changed = make_package(tmp_path / "three", tokens="A = 1", scores="B = 3")
    assert digest_packages([package]) == digest_packages([equal])
    assert digest_packages([package]) != digest_packages([changed])


def test_another_version_of_a_library_changes_the_digest(tmp_path: Path) -> None:
    """It's one of the details."""
    package = make_package(tmp_path / "one", tokens="A = 1")
    assert digest_packages([package], "2.4") != digest_packages([package], "2.5")
