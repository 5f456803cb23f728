"""How amounts are read from the environment: money, prices, seconds, rates, ports."""

import re
from collections.abc import Mapping

from dashboard.core.errors import InvalidSetting
from dashboard.core.pricing import X_PRICES, PriceList


def parse_rate_limit(environment: Mapping[str, str], name: str) -> str:
    """Return how many large requests a client may send; empty for any number."""
    value = environment.get(name, "").strip().lower() or "30 per minute"
    if value == "off":
        return ""
    single = r"[1-9][0-9]{0,5} per (second|minute|hour|day)"
    if not re.fullmatch(rf"{single}(, ?{single})*", value):
        raise InvalidSetting(f"{name} is off, or a limit such as 30 per minute; separate several with commas.")
    return value


def parse_dollars(environment: Mapping[str, str], name: str) -> float:
    """Return an amount of US dollars per day."""
    value = environment.get(name, "").strip() or "5"
    if not re.fullmatch(r"[0-9]{1,6}(\.[0-9]{1,6})?", value):
        raise InvalidSetting(f"{name} is an amount of US dollars, such as 5 or 0.50; 0 spends nothing.")
    return float(value)


def parse_seconds(environment: Mapping[str, str], name: str) -> float:
    """Return a number of seconds above zero."""
    value = environment.get(name, "").strip() or "20"
    if not re.fullmatch(r"[0-9]{1,4}(\.[0-9]{1,3})?", value) or not float(value):
        raise InvalidSetting(f"{name} is a number of seconds, such as 20 or 0.5.")
    return float(value)


def parse_prices(environment: Mapping[str, str], name: str) -> PriceList:
    """Return X's prices; those set here, such as `post=0.005,user=0.010`, replace the built-in ones."""
    value = environment.get(name, "").strip()
    if not value:
        return X_PRICES
    prices = dict(re.findall(r"(\w+)=([0-9]{1,4}(?:\.[0-9]{1,6})?)(?:,|$)", value))
    if not prices or set(prices) - set(X_PRICES.dollars_per_item) or ",".join(f"{name}={price}" for name, price in prices.items()) != value:
        raise InvalidSetting(f"{name} is a list such as post=0.005,user=0.010; there are {', '.join(X_PRICES.dollars_per_item)}.")
    return PriceList(dict(X_PRICES.dollars_per_item) | {name: float(price) for name, price in prices.items()}, "as set on this server")


def parse_port(environment: Mapping[str, str], name: str) -> int:
    """Return the port to listen on: that of the platform if it sets one."""
    return _parse_one_port(environment, "AIP_HTTP_PORT") or _parse_one_port(environment, name) or 8080


def _parse_one_port(environment: Mapping[str, str], name: str) -> int:
    value = environment.get(name, "").strip()
    if value and not (re.fullmatch(r"[0-9]{1,5}", value) and 0 < int(value) < 65_536):
        raise InvalidSetting(f"{name} is a number from 1 to 65535, such as 8080.")
    return int(value or 0)
