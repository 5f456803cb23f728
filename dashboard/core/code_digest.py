"""A digest of the source code of modules: what was computed by other code must not be taken for what this code would compute."""

import hashlib
import secrets
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from types import ModuleType


def digest_modules(modules: Iterable[ModuleType], *details: str) -> str:
    """Return a digest of the modules' source files and of more details, such as the version of a library."""
    digest = hashlib.blake2b(digest_size=8)
    for part in (*details, *(_digest_file(module.__file__ or module.__name__) for module in modules)):
        digest.update(f"{part}\n".encode())
    return digest.hexdigest()


@cache
def _digest_file(path: str) -> str:
    try:
        return hashlib.blake2b(Path(path).read_bytes(), digest_size=16).hexdigest()
    except OSError:  # only compiled code is installed, so nothing that it computed can outlive the process
        return secrets.token_hex(8)
