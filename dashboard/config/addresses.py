"""How addresses, hosts, origins and proxies are read from the environment."""

import ipaddress
import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from dashboard.config.choices import split_list
from dashboard.core.errors import InvalidSetting

_LOOPBACK_HOSTS = {"localhost", "127.0.0.1", "::1"}
_MAX_CORS_ORIGINS = 50
_MAX_ALLOWED_HOSTS = 50
_HOST_PATTERN = r"(?=.{1,253}(?::|$))[a-z0-9_]([a-z0-9_-]{0,62})(\.[a-z0-9_-]{1,63})*|\[[0-9a-f:.]{2,45}\]"


def parse_api_url(environment: Mapping[str, str], name: str) -> str:
    """Return the root URL of an API without its trailing slash: https, or http on this machine."""
    value = environment.get(name, "").strip().rstrip("/")
    if not value:
        return ""
    try:
        parts = urlsplit(value)
        is_valid = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK_HOSTS)
        is_valid = (
            is_valid
            and bool(parts.hostname)
            and not (parts.username or parts.query or parts.fragment)
            and (parts.port is None or parts.port > 0)
        )
    except ValueError:
        is_valid = False
    if not is_valid:
        raise InvalidSetting(f"{name} is an address such as https://gateway.example, or http://127.0.0.1:8900 on this machine.")
    return value


def parse_proxies(environment: Mapping[str, str], name: str) -> tuple[str, ...]:
    """Return the trusted proxies: `*`, addresses, and networks."""
    default = "*" if environment.get("K_SERVICE") else "127.0.0.1, ::1"
    texts = re.split(r"[\s,]+", (environment.get(name, "").strip() or default).strip(","))
    try:
        for text in texts:
            if text != "*":
                ipaddress.ip_network(text)
    except ValueError:
        raise InvalidSetting(f"{name} is a list of addresses or networks such as 127.0.0.1, 10.0.0.0/8, or *.") from None
    return tuple(texts)


def parse_hosts(environment: Mapping[str, str], name: str) -> frozenset[str]:
    """Return server names separated by commas or spaces."""
    hosts = frozenset(re.split(r"[\s,]+", environment.get(name, "").strip().lower())) - {""}
    if invalid_hosts := sorted(host for host in hosts if not re.fullmatch(r"(?=.{4,253}$)([a-z0-9-]{1,63}\.)+[a-z][a-z0-9-]{0,62}", host)):
        raise InvalidSetting(
            f"{name} is a list of server names such as mastodon.social, fosstodon.org. “{invalid_hosts[0][:40]}” isn't one."
        )
    return hosts


def parse_origins(environment: Mapping[str, str], name: str) -> frozenset[str]:
    """Return origins as browsers send them: in lower case and without the default port of the scheme."""
    origins = [re.sub(r"^(http:.*):80$|^(https:.*):443$", r"\1\2", origin.lower()) for origin in split_list(environment, name)]
    if origins == ["*"]:
        return frozenset(origins)
    invalid_origins = [origin for origin in origins if not _is_origin(origin)]
    if invalid_origins or len(origins) > _MAX_CORS_ORIGINS:
        problem = f"“{invalid_origins[0][:60]}” isn't one" if invalid_origins else f"There are {len(origins):,}"
        form = "such as https://app.example, http://localhost:3000, without a path, or * alone for any"
        raise InvalidSetting(f"{name} is a list of at most {_MAX_CORS_ORIGINS} origins, {form}. {problem}.")
    return frozenset(origins)


def parse_public_url(environment: Mapping[str, str], name: str) -> str:
    """Return the address that people use, without a slash at its end; empty if it depends on the visitor."""
    value = environment.get(name, "").strip().rstrip("/").lower()
    if value and not _is_origin(value):
        raise InvalidSetting(f"{name} is an address such as https://chorus.example, without a path.")
    return value


def parse_allowed_hosts(environment: Mapping[str, str], name: str) -> frozenset[str]:
    """Return the hosts that are answered, including that of the public URL; none if all are."""
    hosts = [host.lower() for host in split_list(environment, name)]
    invalid_hosts = [host for host in hosts if not re.fullmatch(rf"(\*\.)?({_HOST_PATTERN})", host)]
    if invalid_hosts or len(hosts) > _MAX_ALLOWED_HOSTS:
        problem = f"“{invalid_hosts[0][:60]}” isn't one" if invalid_hosts else f"There are {len(hosts):,}"
        form = "such as chorus.example, *.run.app, without scheme and port"
        raise InvalidSetting(f"{name} is a list of at most {_MAX_ALLOWED_HOSTS} hosts, {form}. {problem}.")
    public_host = urlsplit(parse_public_url(environment, "CHORUS_PUBLIC_URL")).netloc.partition(":")[0] if hosts else ""
    return frozenset(filter(None, [*hosts, public_host]))


def _is_origin(text: str) -> bool:
    match = re.fullmatch(rf"https?://({_HOST_PATTERN})(:(?P<port>[1-9][0-9]{{0,4}}))?", text)
    return match is not None and int(match["port"] or 0) < 65_536


def parse_route(environment: Mapping[str, str], name: str) -> str:
    """Return a second path; empty without one."""
    value = environment.get(name, "").strip()
    if value and not re.fullmatch(r"/[A-Za-z0-9/_.:~-]{1,300}", value):
        raise InvalidSetting(f"{name} is a path such as /v1/endpoints/1/deployedModels/2, of letters, digits and / _ . : ~ - only.")
    return value
