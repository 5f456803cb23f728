"""The query parameters in OpenAPI's form. Names, choices, bounds and defaults come from `Query`; this module only adds descriptions."""

from functools import cache
from typing import Any, get_args

from dashboard.core import accounts, post_selection
from dashboard.core.charts import CHARTS
from dashboard.core.methods import METHODS
from dashboard.core.networks import NETWORKS, counting_titles
from dashboard.core.post_selection import PostSelection
from dashboard.core.query import Query
from dashboard.core.query_parameters import IMAGE_PARAMETERS
from dashboard.core.query_values import (
    LANGUAGE_PATTERN,
    MAX_ACCOUNTS,
    MAX_IMAGE_PIXELS,
    MAX_LANGUAGES,
    MAX_POSTS_PER_ACCOUNT,
)
from dashboard.core.time_zones import time_zone_names

EXAMPLE_ACCOUNT = "demo:small-clocks"  # works on every server, without a key
_EXAMPLE_VALUES: dict[str, Any] = {"users": [EXAMPLE_ACCOUNT], "since": "2026-01-01", "until": "2026-04-01"}
_MAX_ACCOUNT_LENGTH = 253  # characters of an account, as many as a domain name may have
_PAGE_ONLY_PARAMETERS = {"embed"}  # accepted by /html/KIND only
_DATE_PATTERN = r"^(200[6-9]|20[1-9][0-9]|2100)-[0-9]{2}-[0-9]{2}$"
_DATE_OR_TIME_PATTERN = r"^(200[6-9]|20[1-9][0-9]|2100)-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}:[0-9]{2}(Z|[+-][0-9]{2}:[0-9]{2}))?$"
_ARRAY_STYLE = {"style": "form", "explode": False}
_DESCRIPTIONS = {
    "n": f"Posts per account, most recent first. Numbers above {MAX_POSTS_PER_ACCOUNT:,} count as {MAX_POSTS_PER_ACCOUNT:,}, with a note.",
    "interval": "The interval to count posts by; auto chooses one that fits the period.",
    "tz": "The IANA time zone of intervals, since and until.",
    "since": "First day of the period.",
    "until": "End of the period; this day is excluded.",
    "last": "The last days instead of since and until: up to today in the time zone, or the end of the demo. A link with it keeps rolling.",
    "kinds": "Types of posts to include.",
    "language": "Only posts in these languages: codes of ISO 639, such as de or pt. Posts whose language can’t be determined count as en.",
    "method": "Sentiment method.",
    "measure": "Total balance (positive − negative), balance per post, or positive share: positive ÷ (positive + negative).",
    "window": "Everything available, or only the period that the posts of all accounts cover.",
    "axis": "Vertical scale of each account in the sentiment chart: its own, or the same for all.",
    "width": "Width of an image in pixels.",
    "height": "Height of an image in pixels.",
    "scale": f"Scale factor of an image, which can have up to {MAX_IMAGE_PIXELS:,} pixels in all.",
    "theme": "Colour theme of an image.",
    "frame": "A chart of `width` × `height`, or a slide of 1600 × 900 pixels with a claim as its title and the source at its foot.",
    "bom": "For a CSV file that a spreadsheet opens: begin with a byte order mark, and keep long IDs as text.",
}
_SELECTION_DESCRIPTIONS = {
    "account": "Only posts by this account, one of those in users.",
    "from": "Only posts from this day (in the time zone) or this time with its offset.",
    "to": "Only posts before this day or time.",
    "word": "Only posts containing this word, as the method counts it, or this phrase if its list has phrases.",
    "weekday": "Only posts on this day of the week in the time zone; 1 is Monday.",
    "hour": "Only posts in this hour of the day in the time zone.",
    "id": "Only the post with this ID.",
    "polarity": "Only posts with this sentiment.",
    "language": "Only posts in these languages (codes of ISO 639), in English, in other languages, or in those that the method can read.",
    "sort": "Sort order.",
}


def query_parameters() -> dict[str, dict[str, Any]]:
    """Return every parameter of the data and image formats, by name."""
    return _build_query_parameters(METHODS.names())


@cache
def _build_query_parameters(method_names: tuple[str, ...]) -> dict[str, dict[str, Any]]:
    """Build the parameters once per set of methods, because the methods are the values of one of them."""
    query_schema = Query.model_json_schema()
    return {
        name: _build_parameter(name, field_schema, name in query_schema["required"])
        for name, field_schema in query_schema["properties"].items()
        if name not in _PAGE_ONLY_PARAMETERS
    }


def query_references(chart_kind: str | None = None) -> list[dict[str, Any]]:
    """Return the parameters of an operation: references, except where a chart accepts only some of the values."""
    return [
        _counted_parameter_for_words()
        if name == "counted" and not _has_network_counts(chart_kind)
        else {"$ref": f"#/components/parameters/{name}"}
        for name in query_parameters()
    ]


def report_references() -> list[dict[str, Any]]:
    """Return the parameters of a report as data: those of a query about posts, except for images."""
    return [
        _counted_parameter_for_words() if name == "counted" else {"$ref": f"#/components/parameters/{name}"}
        for name in query_parameters()
        if name not in IMAGE_PARAMETERS
    ]


def posts_parameters() -> list[dict[str, Any]]:
    """Return the parameters of the posts behind a chart: those of the query, except for images, and those that filter and sort."""
    query_parameter_references = [
        {"$ref": f"#/components/parameters/{name}"} for name in query_parameters() if name not in {*IMAGE_PARAMETERS, "language"}
    ]
    return query_parameter_references + [
        {
            "name": name,
            "in": "query",
            "required": False,
            "allowEmptyValue": True,
            "description": _SELECTION_DESCRIPTIONS[name],
            **(_ARRAY_STYLE if schema.get("type") == "array" else {}),
            "schema": schema,
        }
        for name, (schema, _) in selection_schemas().items()
    ]


def selection_schemas() -> dict[str, tuple[dict[str, Any], Any]]:
    """Return the schema and the default of each parameter that filters or sorts posts, except `page`, which only the web page has."""
    properties = PostSelection.model_json_schema()["properties"]
    return {
        name: (_selection_schema(name, properties[name]), properties[name].get("default"))
        for name in post_selection.PARAMETER_NAMES
        if name != "page"
    }


def _selection_schema(name: str, field_schema: dict[str, Any]) -> dict[str, Any]:
    value_schema = next((option for option in field_schema.get("anyOf", ()) if option.get("type") != "null"), field_schema)
    schema = {key: value for key, value in value_schema.items() if key not in ("title", "format") and (key, value) != ("default", None)}
    if name == "account":
        return {"type": "string", "pattern": accounts.account_regex(), "maxLength": _MAX_ACCOUNT_LENGTH}
    if name == "language":
        pattern = f"^({'|'.join(get_args(post_selection.Language))}|{LANGUAGE_PATTERN})$"
        return _language_schema({"type": "string", "pattern": pattern})
    if name in ("from", "to"):
        return {"type": "string", "pattern": _DATE_OR_TIME_PATTERN}
    longest = {"word": post_selection.MAX_WORD_CHARACTERS, "id": post_selection.MAX_ID_CHARACTERS}.get(name)
    return schema | {"maxLength": longest} if longest else schema


def _build_parameter(name: str, field_schema: dict[str, Any], required: bool) -> dict[str, Any]:
    schema = _parameter_schema(name, field_schema)
    array_style = _ARRAY_STYLE if schema["type"] == "array" else {}
    return {
        "name": name,
        "in": "query",
        "required": required,
        "allowEmptyValue": not required,  # forms send blank fields too
        "description": _describe_parameter(name),
        **array_style,
        "schema": schema,
        **({"example": _EXAMPLE_VALUES[name]} if name in _EXAMPLE_VALUES else {}),
    }


def _describe_parameter(name: str) -> str:
    """Return the description of a parameter. Networks may be registered after this module is loaded, so they are read on every call."""
    if name == "users":
        return f"Up to {MAX_ACCOUNTS} accounts: {', '.join(network.example for network in NETWORKS)}, or a profile URL."
    if name == "counted":
        titles = counting_titles()
        return f"The posts themselves, or {titles}’s own post counts (frequency only, all types of posts)."
    return _DESCRIPTIONS.get(name, "")


def _parameter_schema(name: str, field_schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a parameter as written in a URL, which is often simpler than the parsed type."""
    if name == "users":
        item = {"type": "string", "pattern": accounts.account_regex(), "maxLength": _MAX_ACCOUNT_LENGTH}
        return {"type": "array", "items": item, "minItems": 1, "maxItems": MAX_ACCOUNTS, "uniqueItems": True}
    value_schema = next((option for option in field_schema.get("anyOf", ()) if option.get("type") != "null"), field_schema)
    merged = {**field_schema, **value_schema}
    schema = {key: value for key, value in merged.items() if key not in ("title", "anyOf") and (key, value) != ("default", None)}
    if name == "language":
        return _language_schema(schema["items"])
    if name == "tz":
        return schema | {"enum": list(time_zone_names().values())}
    if schema["type"] == "boolean":
        return {"type": "string", "enum": ["0", "1"], "default": "0"}
    if schema.get("format") == "date":
        return {"type": "string", "format": "date", "pattern": _DATE_PATTERN}
    return schema | ({"minItems": 1, "uniqueItems": True} if schema["type"] == "array" else {})


def _language_schema(item: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": item, "maxItems": MAX_LANGUAGES, "uniqueItems": True}


def _has_network_counts(chart_kind: str | None) -> bool:
    return chart_kind is None or CHARTS[chart_kind].answers_network_counts


def _counted_parameter_for_words() -> dict[str, Any]:
    """Return `counted` for a chart that needs the words of posts, which a network's counts don't include."""
    parameter = query_parameters()["counted"]
    return parameter | {
        "description": "Only the posts themselves, because a network’s counts contain no words.",
        "schema": {**parameter["schema"], "enum": ["posts"]},
    }
