"""A digest of the source code of modules: what was computed by other code must not be taken for what this code would compute."""

import hashlib
import secrets
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from types import ModuleType


def digest_modules(modules: Iterable[ModuleType], *details: str) -> str:
    """Return a digest of the modules' source files and of more details, such as the version of a library."""
    return _digest_files([module.__file__ or module.__name__ for module in modules], *details)


def digest_packages(packages: Iterable[ModuleType], *details: str) -> str:
    """Return the same of all modules of packages, without those of the packages in them."""
    paths_by_package = {package.__name__: _list_paths(package) for package in packages}
    return _digest_files([path for name, paths in paths_by_package.items() for path in paths or [name]], *details)


def _list_paths(package: ModuleType) -> list[str]:
    return sorted(str(path) for folder in package.__path__ for path in Path(folder).glob("*.py"))


def _digest_files(paths: Iterable[str], *details: str) -> str:
    digest = hashlib.blake2b(digest_size=8)
    for part in (*details, *map(_digest_file, paths)):
        digest.update(f"{part}\n".encode())
    return digest.hexdigest()


@cache
def _digest_file(path: str) -> str:
    try:
        return hashlib.blake2b(Path(path).read_bytes(), digest_size=16).hexdigest()
    except OSError:  # only compiled code is installed, so nothing that it computed can outlive the process
        return secrets.token_hex(8)
