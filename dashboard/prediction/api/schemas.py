"""The shapes of a body of `/predict`, typed, with every bound in words. Reading one is `payload.py`'s business.

What is documented is what these types check.
"""

import math
import re
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, PlainValidator, Tag, WithJsonSchema

from dashboard.prediction.limits import LONGEST, MOST_NUMBERS, MOST_ROWS, MOST_TEXTS

_LANGUAGE = r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8}){0,8}"  # BCP 47, without what is private or grandfathered
NAMES = {type(None): "null", bool: "true or false", int: "a number", float: "a number", str: "a text", list: "a list", dict: "an object"}
_INSTANCES: dict[type, str] = {str: "plain", dict: "object", list: "row"}


def mended(text: str) -> str:
    """Return a text without the halves of characters that JSON can hold and nothing else can."""
    return text if text.isascii() else re.sub("[\ud800-\udfff]", "\ufffd", text)


def _text(given: object) -> str:
    if not isinstance(given, str):
        raise ValueError(f"A text is wanted here; this is {NAMES[type(given)]}.")
    if len(given) > LONGEST:
        raise ValueError(f"This text has {len(given):,} characters; {LONGEST:,} are the most. Send it in parts.")
    return mended(given)


def _number(given: object) -> float:
    if isinstance(given, bool) or not isinstance(given, int | float):
        raise ValueError(f"A number is wanted here; this is {NAMES[type(given)]}.")
    if not math.isfinite(given):
        raise ValueError("This number is too large to be calculated with.")
    return float(given)


def _flag(given: object) -> bool:
    if not isinstance(given, bool):
        raise ValueError(f"Write true or false, without quotes; this is {NAMES[type(given)]}.")
    return given


def _language(given: object) -> str:
    if not isinstance(given, str) or not re.fullmatch(_LANGUAGE, given):
        raise ValueError("Write the language as a BCP 47 tag, such as ja or pt-BR.")
    return given.split("-")[0].lower()


def _some(what: str, most: int) -> BeforeValidator:
    """Return a check of a list that comes before its items are looked at."""
    wanted = f"Send 1 to {most:,} {what}"

    def check(given: object) -> object:
        if not isinstance(given, list):
            raise ValueError(f"A list of {what} is wanted here; this is {NAMES[type(given)]}.")
        if not given:
            raise ValueError(f"This list is empty. {wanted}.")
        if len(given) > most:
            raise ValueError(f"These are {len(given):,} {what}. {wanted} at once.")
        return given

    return BeforeValidator(check)


def _parameters(given: object) -> object:
    if given is not None and not isinstance(given, dict):
        raise ValueError(f'Send an object such as {{"explain": true}}, or nothing; this is {NAMES[type(given)]}.')
    return given


def _kind_of_instance(given: object) -> str | None:
    return _INSTANCES.get(type(given))


def _kind_of_features(given: object) -> str | None:
    return None if not isinstance(given, list) else "rows" if given and isinstance(given[0], list) else "row"


def _without_default(schema: dict[str, Any]) -> None:
    schema.pop("default", None)


Text = Annotated[str, PlainValidator(_text), WithJsonSchema({"type": "string", "maxLength": LONGEST})]
ListedText = Annotated[  # the schema has no maxLength: 256 texts of 25,000 characters would not fit into the body
    str, PlainValidator(_text), WithJsonSchema({"type": "string", "description": f"Of at most {LONGEST:,} characters."})
]
Number = Annotated[float, PlainValidator(_number), WithJsonSchema({"type": "number"})]
Row = Annotated[list[Number], _some("numbers", MOST_NUMBERS), Field(min_length=1, max_length=MOST_NUMBERS)]
Rows = Annotated[list[Row], _some("rows", MOST_ROWS), Field(min_length=1, max_length=MOST_ROWS)]
Flag = Annotated[bool, PlainValidator(_flag), WithJsonSchema({"type": "boolean"})]
Language = Annotated[str | None, PlainValidator(_language), WithJsonSchema({"type": "string", "pattern": f"^{_LANGUAGE}$"})]
TAG_AT = {"instances": 2, "features": 1}  # where pydantic puts the name of a choice into the path of a problem


class Body(BaseModel):
    """What every body may have besides its one subject."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    explain: Annotated[Flag, Field(description="Add the terms that carried the decision, for the first 100,000 characters of a body.")] = (
        False
    )
    language: Annotated[
        Language, Field(description="The language of the texts as a BCP 47 tag, if you know it.", json_schema_extra=_without_default)
    ] = None


class OneText(Body):
    """A text."""

    text: Text


class ManyTexts(Body):
    """A list of texts."""

    texts: Annotated[list[ListedText], _some("texts", MOST_TEXTS), Field(min_length=1, max_length=MOST_TEXTS)]


class Instance(BaseModel):
    """A text as Vertex AI sends it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    text: ListedText


_Instance = Annotated[
    Annotated[ListedText, Tag("plain")] | Annotated[Instance, Tag("object")] | Annotated[Row, Tag("row")], Discriminator(_kind_of_instance)
]


class Parameters(Body):
    """What Vertex AI sends beside instances; the same may stand in the body itself."""


class Instances(Body):
    """Texts, or rows of numbers for a tabular model, in Vertex AI's shape."""

    instances: Annotated[list[_Instance], _some("instances", MOST_TEXTS), Field(min_length=1, max_length=MOST_TEXTS)]
    parameters: Annotated[Parameters | None, BeforeValidator(_parameters), Field(json_schema_extra=_without_default)] = None

    @property
    def options(self) -> Body:
        """What is asked besides, wherever it stands; the body's own language comes first."""
        given = self.parameters or Body()
        return Body.model_construct(explain=self.explain or given.explain, language=self.language or given.language)


class Features(Body):
    """A row of numbers, or a list of rows, for a tabular model."""

    features: Annotated[Annotated[Row, Tag("row")] | Annotated[Rows, Tag("rows")], Discriminator(_kind_of_features)]


BODIES: dict[str, type[Body]] = {"text": OneText, "texts": ManyTexts, "instances": Instances, "features": Features}
