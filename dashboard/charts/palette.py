"""Define every colour of data, for light and dark backgrounds, and the styles of accounts.

Charts, images, legends and link previews use these values; the style sheet repeats them as variables, and a test compares the two.
Colours of text, grids and backgrounds don't belong here.

Distances are OKLab's × 100, in both themes. The first five hues, both tones and grey differ by at least 8 from one another in normal sight
and in protanopia, deuteranopia and tritanopia; so do the other five hues, which are dashed. Across these two groups, colours differ by at
least 10 in normal sight and 5.5 otherwise, where the dash and the marker help. All have a contrast of at least 3:1 with the page; tones
are used for text, so theirs is at least 4.5:1. `tests/charts/test_palette.py` enforces that. A new colour probably means new values for
the others, too.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from dashboard.core.display_names import abbreviate_all

# The hues of accounts (blue, amber, violet, sky and magenta; olive, brown, pink, petrol and fuchsia) as {light: dark}, in the order in
# which accounts get them.
_ACCOUNT_COLORS = {
    "#183c88": "#098ffe",
    "#c1720b": "#f2c335",
    "#6436bc": "#bda4f0",
    "#4a88e7": "#bde3fd",
    "#9f5bae": "#bf5bce",
    "#48600c": "#e4fca8",
    "#601800": "#cca884",
    "#e40060": "#fc246c",
    "#0c3c48": "#3cb4cc",
    "#f030e4": "#f018fc",
}
# The hues of sentiment (teal and red), and grey for what is less important, as (light, dark).
_TONES = {"up": ("#0b7a75", "#62d6bb"), "down": ("#b3261e", "#f86b51"), "faint": ("#858b93", "#8a9099")}

PALETTE = tuple(_ACCOUNT_COLORS)
SEMANTIC_COLORS = {name: light for name, (light, _) in _TONES.items()}
# What replaces each colour of data on a dark background.
DARK_COLORS = _ACCOUNT_COLORS | dict(_TONES.values())

# Every five accounts have another dash and another marker, and from the eleventh on hues repeat: twenty accounts have twenty styles.
DASH_PATTERNS: tuple[tuple[int, ...], ...] = ((), (6, 3), (2, 2), (8, 3, 2, 3))
MARKER_SYMBOLS = ("circle", "square", "diamond", "triangle-up")
_ACCOUNTS_PER_DASH = 5


@dataclass(frozen=True)
class Style:
    """The look of an account in every renderer: a CSS colour, a dash pattern (pixels on, off; empty is solid) and a marker symbol.

    `monogram` is what its badge says, "" if the account has no name yet.
    """

    color: str
    dash: tuple[int, ...]
    symbol: str
    monogram: str = ""

    @property
    def css_class(self) -> str:
        """Return the class that gives an SVG element the account's colour in the page's theme."""
        return f"account-{PALETTE.index(self.color) + 1}"


def assign_styles(accounts: Iterable[str], labels: Mapping[str, str] = MappingProxyType({})) -> dict[str, Style]:
    """Assign styles to accounts in the given order, so that an account added at the end changes no other account's colour.

    `labels` are the names that badges abbreviate, each in its own way.
    """
    monograms = dict(zip(labels, abbreviate_all(labels.values()), strict=True))
    styles = {}
    for index, account in enumerate(dict.fromkeys(accounts)):
        cycle = index // _ACCOUNTS_PER_DASH % len(DASH_PATTERNS)
        styles[account] = Style(PALETTE[index % len(PALETTE)], DASH_PATTERNS[cycle], MARKER_SYMBOLS[cycle], monograms.get(account, ""))
    return styles
