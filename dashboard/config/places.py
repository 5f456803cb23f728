"""How the places where things are stored are read from the environment."""

import re
from collections.abc import Mapping

from dashboard.core.errors import InvalidSetting


def parse_folder(environment: Mapping[str, str], name: str) -> str:
    """Return the folder that a variable names, empty if there is none. Raises InvalidSetting for an address of a bucket."""
    return check_folder(environment.get(name, ""), name)


def check_folder(folder: str, name: str) -> str:
    """Return a folder without surrounding white space. Raises InvalidSetting, which calls it `name`, if it's an address such as s3://posts."""
    if "://" in folder:
        raise InvalidSetting(
            f"{name} is a folder on this machine, and can't be an address with ://.",
            "Mount the bucket as a folder, for example with gcsfuse, s3fs or rclone, and name that folder instead.",
        )
    return folder.strip()


def parse_cache_url(environment: Mapping[str, str], name: str) -> str:
    """Return where timelines are stored; empty for the memory of each process."""
    value = environment.get(name, "").strip()
    if value and not re.match(r"(file:///.|rediss?://.)", value):
        raise InvalidSetting(f"{name} is empty (in memory), file:///folder, or redis://host:port/number.")
    return value


def parse_ledger_url(environment: Mapping[str, str], name: str) -> str:
    """Return where spending is stored; empty for the default place."""
    value = environment.get(name, "").strip()
    if value and not re.match(r"(file:///.*[^/]$|rediss?://.)", value):
        raise InvalidSetting(f"{name} is empty (next to the cache), file:///folder/ledger.sqlite3, or redis://host:port/number.")
    return value


def parse_state_folder(environment: Mapping[str, str], name: str) -> str:
    """Return the folder for state as the XDG Base Directory Specification defines it, or an empty string if there's no home."""
    folder, home = environment.get(name, ""), environment.get("HOME", "")
    return folder if folder.startswith("/") else f"{home.rstrip('/')}/.local/state" if home.startswith("/") else ""
