"""The parameters of a question with their types and defaults, and which of them exclude each other.

How one value is read is in `query_values.py`, what can be done with a question in `query.py`.
"""

from datetime import date
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo, field_validator

from dashboard.core.accounts import Account
from dashboard.core.formatting.dates import format_day
from dashboard.core.formatting.numbers import format_number
from dashboard.core.messages import gettext, translatable
from dashboard.core.methods import DEFAULT_METHOD
from dashboard.core.networks import counting_titles
from dashboard.core.query_values import (
    LANGUAGE_PATTERN,
    MAX_IMAGE_PIXELS,
    POST_KINDS,
    Axis,
    CountedFrom,
    Frame,
    Interval,
    Measure,
    PostKind,
    RollingPeriod,
    Theme,
    Window,
    choice_parser,
    count_days,
    integer_validator,
    list_methods,
    parse_date,
    parse_flag,
    parse_languages,
    parse_method,
    parse_post_kinds,
    parse_time_zone,
    parse_users,
)

LanguageCode = Annotated[str, Field(pattern=f"^{LANGUAGE_PATTERN}$")]


class QueryFields(BaseModel):
    """The parameters of the public contract. Validation reports every problem at its field."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True, defer_build=True)

    users: Annotated[tuple[Account, ...], BeforeValidator(parse_users)]
    n: Annotated[int, integer_validator(1, None, translatable("The number of posts per account"))] = 400
    interval: Annotated[Interval, BeforeValidator(choice_parser(Interval, translatable("The interval")))] = "auto"
    tz: Annotated[str, BeforeValidator(parse_time_zone)] = "UTC"
    since: Annotated[date | None, BeforeValidator(parse_date)] = None
    until: Annotated[date | None, BeforeValidator(parse_date)] = None
    last: Annotated[RollingPeriod | None, BeforeValidator(choice_parser(RollingPeriod, translatable("The period")))] = None
    kinds: Annotated[tuple[PostKind, ...], BeforeValidator(parse_post_kinds)] = POST_KINDS
    language: Annotated[tuple[LanguageCode, ...], BeforeValidator(parse_languages)] = ()
    method: Annotated[str, BeforeValidator(parse_method), Field(json_schema_extra=list_methods)] = DEFAULT_METHOD
    measure: Annotated[Measure, BeforeValidator(choice_parser(Measure, translatable("The measure")))] = "net"
    window: Annotated[Window, BeforeValidator(choice_parser(Window, translatable("The window")))] = "all"
    counted: Annotated[CountedFrom, BeforeValidator(choice_parser(CountedFrom, translatable("The source of counts")))] = "posts"
    axis: Annotated[Axis, BeforeValidator(choice_parser(Axis, translatable("The scale of accounts")))] = "own"
    width: Annotated[int, integer_validator(200, 3000, translatable("The width in pixels"))] = 900
    height: Annotated[int, integer_validator(150, 6000, translatable("The height in pixels"))] = 420
    scale: Annotated[int, integer_validator(1, 3, translatable("The scale")), Field(validate_default=True)] = 2
    theme: Annotated[Theme, BeforeValidator(choice_parser(Theme, translatable("The theme")))] = "light"
    frame: Annotated[Frame, BeforeValidator(choice_parser(Frame, translatable("The frame")))] = "chart"
    embed: Annotated[bool, BeforeValidator(parse_flag)] = False
    bom: Annotated[bool, BeforeValidator(parse_flag)] = False

    @field_validator("last")
    @classmethod
    def _validate_last(cls, last: RollingPeriod | None, info: ValidationInfo) -> RollingPeriod | None:
        if last and (info.data.get("since") or info.data.get("until")):
            problem = translatable("Choose either the last %(count)s days or dates in “From” and “Until”, not both.")
            raise ValueError(gettext(problem, count=count_days(last)))
        return last

    @field_validator("until")
    @classmethod
    def _validate_until(cls, until: date | None, info: ValidationInfo) -> date | None:
        since = info.data.get("since")
        if until and since and until <= since:
            problem = translatable("“Until” (%(until)s) must be later than “From” (%(since)s). The day of “Until” isn’t included.")
            raise ValueError(gettext(problem, until=format_day(until), since=format_day(since)))
        return until

    @field_validator("counted")
    @classmethod
    def _validate_counted(cls, counted: CountedFrom, info: ValidationInfo) -> CountedFrom:
        if counted == "network" and info.data.get("kinds", POST_KINDS) != POST_KINDS:
            problem = translatable(
                "%(networks)s’s own post counts don’t distinguish types of posts. Include all types, or choose “The posts themselves”."
            )
            raise ValueError(gettext(problem, networks=counting_titles()))
        if counted == "network" and info.data.get("language"):
            problem = translatable("%(networks)s’s own post counts don’t distinguish languages. Choose “The posts themselves”.")
            raise ValueError(gettext(problem, networks=counting_titles()))
        return counted

    @field_validator("scale")
    @classmethod
    def _validate_scale(cls, scale: int, info: ValidationInfo) -> int:
        pixels = info.data.get("width", 1) * info.data.get("height", 1) * scale**2
        if pixels > MAX_IMAGE_PIXELS:
            problem = translatable(
                "The image would have %(count)s pixels; the limit is %(limit)s. Choose a smaller width, height or scale."
            )
            raise ValueError(gettext(problem, count=format_number(pixels), limit=format_number(MAX_IMAGE_PIXELS)))
        return scale
