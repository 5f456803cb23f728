"""How a language separates thousands and decimals, and where it puts the percent sign: as Babel's data have it.

Numbers are rounded the same in every language, so that they have the same digits everywhere. What is written how belongs in `numbers.py`.
"""

from functools import cache

from dashboard.core.messages import current_language, is_translated, load_locale


def localize_digits(text: str) -> str:
    """Return a number that is written as in English, such as `1,234.5`, with the separators of the current language."""
    return text.translate(_separators(current_language())) if is_translated() else text


def add_percent_sign(number: str) -> str:
    """Return a number with the percent sign, where the current language has it: `64%`."""
    return _percent_format(current_language()).format(number) if is_translated() else f"{number}%"


def add_dollar_sign(number: str) -> str:
    """Return a number with the sign of US dollars, where the current language has it: `$2.01`."""
    return _dollar_format(current_language()).format(number) if is_translated() else f"${number}"


@cache
def _separators(language: str) -> dict[int, str]:
    symbols = load_locale(language).number_symbols["latn"]
    return str.maketrans({",": symbols["group"], ".": symbols["decimal"]})


@cache
def _dollar_format(language: str) -> str:
    """Return where an amount is beside the sign of US dollars, whose symbol is never ambiguous: `{} $`, `US$ {}`."""
    locale = load_locale(language)
    pattern = locale.currency_formats["standard"].pattern.partition(";")[0]
    return str(pattern.replace("#,##0.00", "{}").replace("¤", locale.currency_symbols.get("USD", "US$")))


@cache
def _percent_format(language: str) -> str:
    """Return where the number is beside its sign: `{}\N{NO-BREAK SPACE}%`."""
    pattern: str = load_locale(language).percent_formats[None].pattern
    return pattern.replace("#,##0", "{}")
