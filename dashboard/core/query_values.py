"""The values that the parameters of a question can have, and how each of them is read from text. Every message says what is valid.

How the values belong together is decided in `query.py`.
"""

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from typing import Annotated, Any, Literal, get_args

from pydantic import BeforeValidator, Field

from dashboard.core import accounts
from dashboard.core.account_lists import find_personal_name, split_accounts
from dashboard.core.account_problems import explain_personal_name
from dashboard.core.accounts import Account
from dashboard.core.formatting.numbers import format_number
from dashboard.core.formatting.texts import excerpt, format_list
from dashboard.core.languages import find_language_code, unify_language_code
from dashboard.core.messages import gettext, translatable
from dashboard.core.methods import METHODS
from dashboard.core.suggestions import CorrectableError, Correction, Suggestion
from dashboard.core.time_zones import find_similar_time_zones, label_time_zone, time_zone_names

LARGE_IMAGE_PIXELS = 4_000_000  # from which an image counts as large work
LARGE_POST_COUNT = 20_000  # posts of all accounts, beyond which a report counts as large work
MAX_POSTS_PER_ACCOUNT = 3200  # posts of one account; more is answered with this many, and said so
MAX_ACCOUNTS = 20
MAX_LANGUAGES = 20  # of one question
LANGUAGE_PATTERN = "[a-z]{2,3}"  # of the code of a language, ISO 639
MAX_IMAGE_PIXELS = 16_000_000  # of one image, after scaling: about 64 MB while it is drawn
_MAX_HANDLES = 200  # handles looked at in one field before giving up
_MAX_EXAMPLES = 3  # of many invalid handles
_MAX_DIGITS = 18  # of a number that is read; a longer one is far above the cap all the same
_GROUP_SIGNS = ",. \u00a0\u2009\u202f’'"
_GROUPED_NUMBER = re.compile(rf"[1-9][0-9]{{0,2}}(?:([{_GROUP_SIGNS}])[0-9]{{3}})(?:\1[0-9]{{3}})*")  # 3,200 as people write it
_DASHES = "-./\\s\u2010-\u2015\u2212年月"
_OTHER_DATE = re.compile(rf"(\d{{4}}|\d{{1,2}})[{_DASHES}]+(\d{{1,2}})[{_DASHES}]+(\d{{4}}|\d{{1,2}})(?:日|[Tt\s].*)?")

Interval = Literal["auto", "hour", "day", "week", "month"]
RollingPeriod = Literal["7d", "30d", "90d", "365d"]
PostKind = Literal["post", "reply", "repost", "quote"]
Measure = Literal["net", "mean", "share"]
Window = Literal["all", "common"]
Axis = Literal["own", "same"]
CountedFrom = Literal["posts", "network"]
Theme = Literal["light", "dark"]
Frame = Literal["chart", "slide"]
POST_KINDS: tuple[PostKind, ...] = get_args(PostKind)
ROLLING_PERIODS: tuple[RollingPeriod, ...] = get_args(RollingPeriod)


def parse_users(text: str) -> tuple[Account, ...]:
    """Return the accounts that a text lists, each once, in its order. Raises CorrectableError, which may say what was meant."""
    parts = split_accounts(text)
    if not parts:
        raise ValueError(gettext("Enter at least one account, such as nasa.bsky.social."))
    if name := find_personal_name(text):
        raise CorrectableError(explain_personal_name(name))
    unique_accounts, corrections = dict[Account, None](), dict[str, Correction]()
    for part in parts[:_MAX_HANDLES]:
        try:
            unique_accounts[accounts.parse_account(part)] = None
        except accounts.InvalidAccount as problem:
            corrections.setdefault(str(problem), replace(problem.corrections[0], typed=part))
    if corrections:
        raise CorrectableError(*_limit_corrections(list(corrections.values())))
    account_count = len(parts) if len(parts) > _MAX_HANDLES else len(unique_accounts)
    if account_count > MAX_ACCOUNTS:
        raise ValueError(gettext("That’s %(count)s accounts; up to %(limit)s fit in one report.", count=account_count, limit=MAX_ACCOUNTS))
    return tuple(unique_accounts)


def _limit_corrections(corrections: list[Correction]) -> list[Correction]:
    """Return the corrections; of more than a report has accounts only the first ones, and one that counts the others."""
    if len(corrections) <= MAX_ACCOUNTS:
        return corrections
    return [*corrections[:_MAX_EXAMPLES], Correction(gettext("And %(count)s more like these.", count=len(corrections) - _MAX_EXAMPLES))]


def integer_validator(minimum: int, maximum: int | None, subject: str) -> BeforeValidator:
    """Return a validator of whole numbers from `minimum` to `maximum`; without `maximum`, larger numbers are served at the cap."""

    def read(text: str | int) -> int:
        written = str(text).strip()
        digits = re.sub(f"[{_GROUP_SIGNS}]", "", written) if not maximum and _GROUPED_NUMBER.fullmatch(written) else written
        number = int(digits[:_MAX_DIGITS]) if re.fullmatch(r"[0-9]+", digits) else -1
        if number < minimum or (maximum and number > maximum):
            raise ValueError(_explain_bounds(gettext(subject), minimum, maximum, excerpt(written)))
        return number

    return BeforeValidator(read, json_schema_input_type=Annotated[int, Field(ge=minimum, le=maximum)])


def _explain_bounds(subject: str, minimum: int, maximum: int | None, text: str) -> str:
    values = {
        "subject": subject,
        "minimum": format_number(minimum),
        "maximum": format_number(maximum or MAX_POSTS_PER_ACCOUNT),
        "text": text,
    }
    if maximum:
        return gettext("%(subject)s must be a whole number from %(minimum)s to %(maximum)s – “%(text)s” isn’t.", **values)
    return gettext("%(subject)s must be a whole number from %(minimum)s (up to %(maximum)s are read) – “%(text)s” isn’t.", **values)


def choice_parser(choices: Any, subject: str) -> Callable[[str], str]:
    """Return a parser that accepts one of the literals of `choices`; `subject` begins the sentence if the text is none of them."""

    def read(text: str) -> str:
        return _parse_choice(text, get_args(choices), subject)

    return read


def _parse_choice(text: str, choices: Sequence[str], subject: str) -> str:
    if text.strip().lower() not in choices:
        values = {"subject": gettext(subject), "choices": format_list(list(choices), conjunction="or"), "text": excerpt(text)}
        raise ValueError(gettext("%(subject)s must be %(choices)s – “%(text)s” isn’t available.", **values))
    return text.strip().lower()


def parse_method(text: str) -> str:
    """Return the name of a sentiment method."""
    return _parse_choice(text, METHODS.names(), translatable("The method"))


def list_methods(schema: dict[str, Any]) -> None:
    """Add the names of the methods to a JSON schema."""
    schema["enum"] = list(METHODS.names())


def parse_post_kinds(text: str) -> tuple[PostKind, ...]:
    """Return the types of posts that a text lists, in their own order; all of them for an empty text."""
    kinds = {word.strip().lower() for word in text.split(",") if word.strip()}
    if wrong := sorted(kinds - set(POST_KINDS)):
        values = {"kinds": format_list(list(POST_KINDS)), "text": excerpt(wrong[0])}
        raise ValueError(gettext("Post types are %(kinds)s – “%(text)s” isn’t available.", **values))
    return tuple(kind for kind in POST_KINDS if kind in kinds) or POST_KINDS


def parse_languages(text: str) -> tuple[str, ...]:
    """Return the codes of the languages that a text lists by code or English name, each once; a region such as that of pt-BR is dropped."""
    codes = dict.fromkeys(_parse_language(part) for part in text.split(",") if part.strip())
    if wrong := [code for code in codes if not re.fullmatch(LANGUAGE_PATTERN, code)]:
        advice = gettext("Codes look like “de” or “pt”.")
        raise ValueError(" ".join([gettext("“%(text)s” isn’t the code of a language.", text=excerpt(wrong[0])), advice]))
    if len(codes) > MAX_LANGUAGES:
        raise ValueError(gettext("That’s %(count)s languages; up to %(limit)s can be chosen.", count=len(codes), limit=MAX_LANGUAGES))
    return tuple(dict.fromkeys(map(unify_language_code, codes)))


def _parse_language(text: str) -> str:
    return find_language_code(text) or text.strip().lower().partition("-")[0].partition("_")[0]


def parse_date(text: str) -> date:
    """Return a day between 2006 and 2100."""
    try:
        day = date.fromisoformat(text.strip())
    except ValueError:
        problem = gettext("Write the date as year-month-day, such as 2026-03-31. “%(text)s” isn’t a valid date.", text=excerpt(text))
        near = find_similar_dates(text)
        raise CorrectableError(Correction(problem, text.strip(), tuple(Suggestion(str(day), str(day)) for day in near))) from None
    if not _is_plausible(day):
        raise ValueError(gettext("Choose a date between 2006 and 2100 – %(day)s is outside this range.", day=day))
    return day


def find_similar_dates(text: str) -> list[date]:
    """Return the days that a text in another notation may mean: year first, or else day and month in either order. A time is ignored."""
    if not (match := _OTHER_DATE.fullmatch(unicodedata.normalize("NFKC", text.strip()))):
        return []
    first, second, third = (int(number) for number in match.group(1, 2, 3))
    orders = [(first, second, third)] if len(match[1]) == 4 else [(third, second, first), (third, first, second)]
    days = (_build_date(*order) for order in orders)
    return list(dict.fromkeys(day for day in days if day and _is_plausible(day)))


def _build_date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _is_plausible(day: date) -> bool:
    return 2006 <= day.year <= 2100


def parse_time_zone(text: str) -> str:
    """Return the name of a time zone, however it is capitalised. Raises CorrectableError with similar names."""
    lowered = text.strip().lower()
    name = time_zone_names().get(lowered) or time_zone_names().get(lowered.replace(" ", "+"))  # an address has Etc/GMT+5 as Etc/GMT 5
    if name is None:
        near = find_similar_time_zones(text)
        sentence = gettext("Unknown time zone “%(text)s”.", text=excerpt(text))
        sentence += "" if near else " " + gettext("Time zones look like Europe/Berlin.")
        raise CorrectableError(Correction(sentence, text.strip(), tuple(Suggestion(label_time_zone(zone), zone) for zone in near)))
    return name


def parse_flag(text: str) -> bool:
    """Return whether a text is 1; 0 is the only other one."""
    if text.strip() not in ("0", "1"):
        raise ValueError(gettext("Write 1 for yes or 0 for no."))
    return text.strip() == "1"


def count_days(last: RollingPeriod) -> int:
    """Return the length of a rolling period."""
    return int(last.removesuffix("d"))
