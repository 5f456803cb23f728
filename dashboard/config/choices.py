"""How switches, names and lists are read from the environment."""

import re
from collections.abc import Mapping

from dashboard.core.errors import InvalidSetting


def parse_text(environment: Mapping[str, str], name: str) -> str:
    """Return the text of a variable without surrounding white space."""
    return environment.get(name, "").strip()


def parse_switch(environment: Mapping[str, str], name: str) -> bool:
    """Return whether a switch is on."""
    value = environment.get(name, "").strip()
    if value not in ("", "0", "1"):
        raise InvalidSetting(f"{name} is 1 for yes, or 0 or empty for no.")
    return value == "1"


def parse_robots(environment: Mapping[str, str], name: str) -> bool:
    """Return whether search engines may list the pages."""
    value = environment.get(name, "").strip()
    if value not in ("", "allow", "deny"):
        raise InvalidSetting(f"{name} is allow or deny; empty is deny.")
    return value == "allow"


def parse_log_format(environment: Mapping[str, str], name: str) -> str:
    """Return the log format: the configured one, otherwise JSON on Cloud Run and Vertex AI, which parse it, and text elsewhere."""
    value = environment.get(name, "").strip()
    if value not in ("", "json", "text"):
        raise InvalidSetting(f"{name} is json or text; empty is json on Google's platforms, text elsewhere.")
    return value or ("json" if environment.get("K_SERVICE") or environment.get("AIP_HTTP_PORT") else "text")


def parse_platform_name(environment: Mapping[str, str], name: str) -> str:
    """Return a name set by the platform, or an empty string if it isn't valid."""
    value = environment.get(name, "").strip()
    return value if re.fullmatch(r"[a-z0-9][a-z0-9.:-]{0,99}", value) else ""


def split_list(environment: Mapping[str, str], name: str) -> list[str]:
    """Return the items of a list separated by commas or white space."""
    return [item for item in re.split(r"[\s,]+", environment.get(name, "")) if item]
