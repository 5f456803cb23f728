"""The request types of `/predict`, with a message for every limit; the OpenAPI document is generated from them.

Parsing a body and collecting its problems don't go here; they are in `predict_request.py`. pydantic builds the validator of each type when
the first body of that type arrives, because building all of them takes a twentieth of a start.
"""

import math
import re
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, PlainValidator, Tag, WithJsonSchema

from dashboard.core.languages import unify_language_code
from dashboard.prediction.limits import MAX_NUMBERS_PER_ROW, MAX_ROWS, MAX_TEXT_CHARACTERS, MAX_TEXTS

_LANGUAGE_TAG_PATTERN = r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8}){0,8}"  # BCP 47, without private and grandfathered tags
JSON_TYPE_NAMES = {
    type(None): "null",
    bool: "a Boolean",
    int: "a number",
    float: "a number",
    str: "a string",
    list: "a list",
    dict: "an object",
}
_INSTANCE_TAGS: dict[type, str] = {str: "plain", dict: "object", list: "row"}


def replace_surrogates(text: str) -> str:
    """Replace lone surrogates, which JSON allows and UTF-8 doesn't, with U+FFFD."""
    return text if text.isascii() else re.sub("[\ud800-\udfff]", "\ufffd", text)


def _validate_text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(f"Send a string here; this is {JSON_TYPE_NAMES[type(value)]}.")
    if len(value) > MAX_TEXT_CHARACTERS:
        raise ValueError(f"This text has {len(value):,} characters; the limit is {MAX_TEXT_CHARACTERS:,}. Split it into several texts.")
    return replace_surrogates(value)


def _validate_number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"Send a number here; this is {JSON_TYPE_NAMES[type(value)]}.")
    if not math.isfinite(value):
        raise ValueError("This number is too large. Send one below 1.8e308.")
    return float(value)


def _validate_flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"Send true or false, without quotes; this is {JSON_TYPE_NAMES[type(value)]}.")
    return value


def _validate_language(value: object) -> str:
    if not isinstance(value, str) or not re.fullmatch(_LANGUAGE_TAG_PATTERN, value):
        raise ValueError("Send the language as a BCP 47 tag, such as ja or pt-BR.")
    return unify_language_code(value.split("-")[0].lower())


def _length_validator(item_noun: str, max_items: int) -> BeforeValidator:
    """Return a validator of a list's length, which runs before its items are validated."""

    def validate(value: object) -> object:
        if not isinstance(value, list):
            raise ValueError(f"Send a list of {item_noun} here; this is {JSON_TYPE_NAMES[type(value)]}.")
        if not value:
            raise ValueError(f"This list is empty. Send 1 to {max_items:,} {item_noun}.")
        if len(value) > max_items:
            raise ValueError(f"This list has {len(value):,} {item_noun}. Send at most {max_items:,} at once.")
        return value

    return BeforeValidator(validate)


def _validate_parameters(value: object) -> object:
    if value is not None and not isinstance(value, dict):
        raise ValueError(f'Send an object such as {{"explain": true}}, or leave this out; this is {JSON_TYPE_NAMES[type(value)]}.')
    return value


def _instance_tag(value: object) -> str | None:
    return _INSTANCE_TAGS.get(type(value))


def _features_tag(value: object) -> str | None:
    return None if not isinstance(value, list) else "rows" if value and isinstance(value[0], list) else "row"


def _drop_default(schema: dict[str, Any]) -> None:
    schema.pop("default", None)


Text = Annotated[str, PlainValidator(_validate_text), WithJsonSchema({"type": "string", "maxLength": MAX_TEXT_CHARACTERS})]
ListedText = Annotated[  # the schema has no maxLength because 256 texts of 25,000 characters don't fit into a body
    str,
    PlainValidator(_validate_text),
    WithJsonSchema({"type": "string", "description": f"At most {MAX_TEXT_CHARACTERS:,} characters."}),
]
Number = Annotated[float, PlainValidator(_validate_number), WithJsonSchema({"type": "number"})]
Row = Annotated[list[Number], _length_validator("numbers", MAX_NUMBERS_PER_ROW), Field(min_length=1, max_length=MAX_NUMBERS_PER_ROW)]
Rows = Annotated[list[Row], _length_validator("rows", MAX_ROWS), Field(min_length=1, max_length=MAX_ROWS)]
Flag = Annotated[bool, PlainValidator(_validate_flag), WithJsonSchema({"type": "boolean"})]
Language = Annotated[
    str | None, PlainValidator(_validate_language), WithJsonSchema({"type": "string", "pattern": f"^{_LANGUAGE_TAG_PATTERN}$"})
]
TAG_PATH_INDEX = {"instances": 2, "features": 1}  # where pydantic inserts a union member's tag into the path of a problem


class RequestBody(BaseModel):
    """The options that every body can have in addition to its subject."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    explain: Annotated[
        Flag, Field(description="Also return the terms behind each prediction, for the first 100,000 characters of a body.")
    ] = False
    language: Annotated[
        Language, Field(description="The language of the texts as a BCP 47 tag, if you know it.", json_schema_extra=_drop_default)
    ] = None


class OneText(RequestBody):
    """A text."""

    text: Text


class ManyTexts(RequestBody):
    """A list of texts."""

    texts: Annotated[list[ListedText], _length_validator("texts", MAX_TEXTS), Field(min_length=1, max_length=MAX_TEXTS)]


class Instance(BaseModel):
    """A text as Vertex AI sends it."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    text: ListedText


_InstanceItem = Annotated[
    Annotated[ListedText, Tag("plain")] | Annotated[Instance, Tag("object")] | Annotated[Row, Tag("row")], Discriminator(_instance_tag)
]


class Parameters(RequestBody):
    """Options as Vertex AI sends them, next to the instances. They can also be in the body itself."""


class Instances(RequestBody):
    """Texts, or rows of numbers for a tabular model, in Vertex AI's shape."""

    instances: Annotated[list[_InstanceItem], _length_validator("instances", MAX_TEXTS), Field(min_length=1, max_length=MAX_TEXTS)]
    parameters: Annotated[Parameters | None, BeforeValidator(_validate_parameters), Field(json_schema_extra=_drop_default)] = None

    @property
    def options(self) -> RequestBody:
        """The options from the body and its parameters; the body's own language takes precedence."""
        parameters = self.parameters or RequestBody()
        return RequestBody.model_construct(explain=self.explain or parameters.explain, language=self.language or parameters.language)


class Features(RequestBody):
    """A row of numbers, or a list of rows, for a tabular model."""

    features: Annotated[Annotated[Row, Tag("row")] | Annotated[Rows, Tag("rows")], Discriminator(_features_tag)]


BODY_TYPES: dict[str, type[RequestBody]] = {"text": OneText, "texts": ManyTexts, "instances": Instances, "features": Features}
