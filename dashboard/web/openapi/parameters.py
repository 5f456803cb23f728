"""The parameters of a question as OpenAPI writes them. Names, choices, bounds and defaults are `Query`'s own; here they get their words."""

from functools import cache
from typing import Any

from dashboard.core import accounts, post_selection
from dashboard.core.charts import CHARTS
from dashboard.core.methods import METHODS
from dashboard.core.networks import NETWORKS, join_titles
from dashboard.core.post_selection import PostSelection
from dashboard.core.query import (
    IMAGE_PARAMETERS,
    MAX_ACCOUNTS,
    MAX_IMAGE_PIXELS,
    MAX_POSTS_PER_ACCOUNT,
    Query,
    time_zone_names,
)

EXAMPLE_ACCOUNT = "demo:small-clocks"  # an account that answers everywhere, without a key
_EXAMPLE_VALUES: dict[str, Any] = {"users": [EXAMPLE_ACCOUNT], "since": "2026-01-01", "until": "2026-04-01"}
_MAX_ACCOUNT_LENGTH = 253  # characters of an account: those of a domain name
_PAGE_ONLY_PARAMETERS = {"embed"}  # of /html/KIND alone
_DATE_PATTERN = r"^(200[6-9]|20[1-9][0-9]|2100)-[0-9]{2}-[0-9]{2}$"
_DATE_OR_TIME_PATTERN = r"^(200[6-9]|20[1-9][0-9]|2100)-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}:[0-9]{2}(Z|[+-][0-9]{2}:[0-9]{2}))?$"
_DESCRIPTIONS = {
    "n": f"The newest posts of each account. Above {MAX_POSTS_PER_ACCOUNT:,} it is answered with "
    f"{MAX_POSTS_PER_ACCOUNT:,}, and the notes say so.",
    "interval": "What posts are counted per; auto takes what fits their span.",
    "tz": "The IANA time zone that intervals, since and until are in.",
    "since": "From this day on.",
    "until": "Up to this day, not including it.",
    "kinds": "Only posts of these kinds.",
    "method": "How sentiment is read.",
    "measure": "Positive − negative, the mean per post, or positive ÷ (positive + negative).",
    "window": "All that was read, or only the time that all accounts' posts cover.",
    "width": "Of an image, in pixels.",
    "height": "Of an image, in pixels.",
    "scale": f"Pixels of the file for each pixel asked for; an image has at most {MAX_IMAGE_PIXELS:,} of them.",
    "theme": "Of an image.",
}
_SELECTION_DESCRIPTIONS = {
    "account": "Only posts of this one of the accounts.",
    "from": "From this day of the time zone on, or from this time with its offset on.",
    "to": "Up to this day or time, not including it.",
    "word": "Only posts in which the method finds this word, or this phrase if its list has phrases.",
    "weekday": "Only posts of this day of the week in the time zone, Monday being 1.",
    "hour": "Only posts of this hour of the clock in the time zone.",
    "id": "Only the post of this id.",
    "polarity": "Only posts that the method finds so.",
    "language": "Only posts that words can be read of, or only those in other languages.",
    "sort": "Which posts come first.",
}


def query_parameters() -> dict[str, dict[str, Any]]:
    """Return every parameter that data and images take, by name."""
    return _build_query_parameters(METHODS.names())


@cache
def _build_query_parameters(method_names: tuple[str, ...]) -> dict[str, dict[str, Any]]:
    """Build the parameters once for each set of methods, which are the values of one of them."""
    drawn = Query.model_json_schema()
    return {
        name: _build_parameter(name, given, name in drawn["required"])
        for name, given in drawn["properties"].items()
        if name not in _PAGE_ONLY_PARAMETERS
    }


def query_references(chart_kind: str | None = None) -> list[dict[str, Any]]:
    """Return what an operation lists as its parameters: all by reference, but for those that such a chart takes less of."""
    return [
        _counted_parameter_for_words()
        if name == "counted" and not _has_network_counts(chart_kind)
        else {"$ref": f"#/components/parameters/{name}"}
        for name in query_parameters()
    ]


def posts_parameters() -> list[dict[str, Any]]:
    """Return what the posts behind a chart take: the question without the looks of images, and what picks and orders the posts."""
    asked = [{"$ref": f"#/components/parameters/{name}"} for name in query_parameters() if name not in IMAGE_PARAMETERS]
    return asked + [
        {
            "name": name,
            "in": "query",
            "required": False,
            "allowEmptyValue": True,
            "description": _SELECTION_DESCRIPTIONS[name],
            "schema": schema,
        }
        for name, (schema, _) in selection_schemas().items()
    ]


def selection_schemas() -> dict[str, tuple[dict[str, Any], Any]]:
    """Return the schema of each parameter that picks or orders posts, and what it is without one; a page is for people."""
    drawn = PostSelection.model_json_schema()["properties"]
    return {
        name: (_selection_schema(name, drawn[name]), drawn[name].get("default"))
        for name in post_selection.PARAMETER_NAMES
        if name != "page"
    }


def _selection_schema(name: str, field_schema: dict[str, Any]) -> dict[str, Any]:
    known = next((each for each in field_schema.get("anyOf", ()) if each.get("type") != "null"), field_schema)
    schema = {key: value for key, value in known.items() if key not in ("title", "format") and (key, value) != ("default", None)}
    if name == "account":
        return {"type": "string", "pattern": accounts.account_regex(), "maxLength": _MAX_ACCOUNT_LENGTH}
    if name in ("from", "to"):
        return {"type": "string", "pattern": _DATE_OR_TIME_PATTERN}
    longest = {"word": post_selection.MAX_WORD_CHARACTERS, "id": post_selection.MAX_ID_CHARACTERS}.get(name)
    return schema | {"maxLength": longest} if longest else schema


def _build_parameter(name: str, field_schema: dict[str, Any], required: bool) -> dict[str, Any]:
    schema = _parameter_schema(name, field_schema)
    listed = {"style": "form", "explode": False} if schema["type"] == "array" else {}
    return {
        "name": name,
        "in": "query",
        "required": required,
        "allowEmptyValue": not required,  # a form sends what was left blank
        "description": _describe_parameter(name),
        **listed,
        "schema": schema,
        **({"example": _EXAMPLE_VALUES[name]} if name in _EXAMPLE_VALUES else {}),
    }


def _describe_parameter(name: str) -> str:
    """Return what a parameter means; networks are asked only now, because they may be registered after this module is loaded."""
    if name == "users":
        return f"Up to {MAX_ACCOUNTS} accounts: {', '.join(network.example for network in NETWORKS)}, or the address of a profile."
    if name == "counted":
        counting = join_titles(network for network in NETWORKS if network.counts_posts)
        return f"Posts that are read, or {counting}'s own counts (for frequency, all kinds)."
    return _DESCRIPTIONS.get(name, "")


def _parameter_schema(name: str, field_schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of what is written in an address, which is often simpler than what it is read as."""
    if name == "users":
        item = {"type": "string", "pattern": accounts.account_regex(), "maxLength": _MAX_ACCOUNT_LENGTH}
        return {"type": "array", "items": item, "minItems": 1, "maxItems": MAX_ACCOUNTS, "uniqueItems": True}
    known = next((each for each in field_schema.get("anyOf", ()) if each.get("type") != "null"), field_schema)
    schema = {key: value for key, value in {**field_schema, **known}.items() if key not in ("title", "anyOf")}
    if name == "tz":
        return schema | {"enum": list(time_zone_names().values())}
    if schema.get("format") == "date":
        return {"type": "string", "format": "date", "pattern": _DATE_PATTERN}
    return schema | ({"minItems": 1, "uniqueItems": True} if schema["type"] == "array" else {})


def _has_network_counts(chart_kind: str | None) -> bool:
    return chart_kind is None or CHARTS[chart_kind].answers_network_counts


def _counted_parameter_for_words() -> dict[str, Any]:
    """Return `counted` for a chart of words, which a network's counts hold none of."""
    usual = query_parameters()["counted"]
    return usual | {
        "description": "Posts that are read: a network's counts hold no words.",
        "schema": {**usual["schema"], "enum": ["posts"]},
    }
