"""The palette: nobody confuses two accounts, or an account with a sentiment, in either theme and with any common colour vision."""

import re
from collections.abc import Sequence
from itertools import combinations

import pytest

from dashboard.charts.palette import DARK_COLORS, DASH_PATTERNS, MARKER_SYMBOLS, PALETTE, SEMANTIC_COLORS, assign_styles
from dashboard.charts.vega.theme import THEMES
from tests.support.colour_vision import VISIONS, contrast, distance, oklab
from tests.support.paths import ROOT

SHEET = (ROOT / "static" / "chorus.css").read_text("utf-8")
MIN_DISTANCE = 8.0  # OKLab × 100
MIN_DISTANCE_BESIDE_DASHES, MIN_DISTANCE_WITHOUT_DASHES = 5.5, 10.0  # with a colour blindness, and in normal sight
LIGHT, DARK = "light", "dark"
SOLID, DASHED = PALETTE[:5], PALETTE[5:]
COLORS = (*PALETTE, *SEMANTIC_COLORS.values())


def in_theme(color: str, theme: str) -> str:
    """Return what a colour of data looks like in a theme."""
    return DARK_COLORS[color] if theme == DARK else color


def variables(theme: str) -> dict[str, str]:
    """Return the variables of the style sheet in a theme."""
    block = {LIGHT: r":root \{(.*?)\}", DARK: r":root\[data-theme=dark\] \{(.*?)\}"}[theme]
    return dict(re.findall(r"(--[\w-]+): (#[0-9a-f]{6});", re.findall(block, SHEET, re.DOTALL)[0]))


def backgrounds(theme: str) -> list[str]:
    """Return what colours of data are drawn on in a theme: pages, cards and images."""
    return [variables(theme)["--page"], variables(theme)["--card"], THEMES[theme].background]


# The measures


@pytest.mark.parametrize(
    ("color", "expected"),
    [("#ffffff", (1.0, 0.0, 0.0)), ("#ff0000", (0.628, 0.225, 0.126)), ("#0000ff", (0.452, -0.032, -0.312))],
)
def test_oklab_has_the_published_values(color: str, expected: tuple[float, ...]) -> None:
    """White has no hue, and red and blue are those of CSS Color 4."""
    assert oklab(color) == pytest.approx(expected, abs=1e-3)


@pytest.mark.parametrize("vision", VISIONS)
def test_grey_looks_the_same_with_any_vision(vision: str) -> None:
    """Colour blindness changes hues only."""
    assert distance("#808080", "#808080", vision) == 0
    assert oklab("#808080", vision) == pytest.approx(oklab("#808080"), abs=1e-3)


def test_red_and_green_are_close_for_the_colour_blind() -> None:
    """With protanopia and deuteranopia, hues between red and green look alike; with tritanopia they don't."""
    red, green = "#c05000", "#6a8000"
    assert distance(red, green) > 15
    assert distance(red, green, "protanopia") < distance(red, green) * 0.7
    assert distance(red, green, "deuteranopia") < distance(red, green) * 0.7
    assert distance(red, green, "tritanopia") > 15


# The colours


@pytest.mark.parametrize("theme", [LIGHT, DARK])
@pytest.mark.parametrize("vision", VISIONS)
@pytest.mark.parametrize("colors", [(*SOLID, *SEMANTIC_COLORS.values()), DASHED], ids=["solid", "dashed"])
def test_colours_with_the_same_dash_are_distinguishable(colors: Sequence[str], theme: str, vision: str) -> None:
    """Any two of the first five accounts' colours, both tones and grey are at least 8 apart, and any two of the next five, too."""
    pairs = combinations([in_theme(color, theme) for color in colors], 2)
    too_close = [pair for pair in pairs if distance(*pair, vision) < MIN_DISTANCE]
    assert too_close == []


@pytest.mark.parametrize("theme", [LIGHT, DARK])
@pytest.mark.parametrize("vision", VISIONS)
def test_the_next_five_colours_differ_from_all_others(theme: str, vision: str) -> None:
    """They are at least 10 apart in normal sight; with a colour blindness 5.5, because dashes and markers differ, too."""
    min_distance = MIN_DISTANCE_WITHOUT_DASHES if vision == "normal" else MIN_DISTANCE_BESIDE_DASHES
    pairs = [(in_theme(color, theme), in_theme(other, theme)) for color in DASHED for other in (*SOLID, *SEMANTIC_COLORS.values())]
    too_close = [pair for pair in pairs if distance(*pair, vision) < min_distance]
    assert too_close == []


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_every_colour_contrasts_with_every_background(theme: str) -> None:
    """It is at least 3:1, on pages, cards and images."""
    grounds = backgrounds(theme)
    too_pale = [color for color in COLORS if min(contrast(in_theme(color, theme), ground) for ground in grounds) < 3]
    assert len(set(grounds)) >= 2
    assert too_pale == []


@pytest.mark.parametrize("theme", [LIGHT, DARK])
@pytest.mark.parametrize("tone", ["up", "down"])
def test_tones_are_legible_as_text(tone: str, theme: str) -> None:
    """Words are written in them, and that takes 4.5:1."""
    assert min(contrast(in_theme(SEMANTIC_COLORS[tone], theme), ground) for ground in backgrounds(theme)) >= 4.5


@pytest.mark.parametrize("color", PALETTE)
def test_accounts_are_legible_on_dark_backgrounds(color: str) -> None:
    """Headings of panels are written in the colour of the account."""
    assert min(contrast(DARK_COLORS[color], ground) for ground in backgrounds(DARK)) >= 4.5


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_the_style_sheet_has_the_colours_of_the_palette(theme: str) -> None:
    """Swatches and words on pages look like lines and bars in charts."""
    sheet = variables(theme)
    assert [sheet[f"--account-{number}"] for number in range(1, len(PALETTE) + 1)] == [in_theme(color, theme) for color in PALETTE]
    assert sheet["--good"] == in_theme(SEMANTIC_COLORS["up"], theme)
    assert sheet["--bad"] == in_theme(SEMANTIC_COLORS["down"], theme)


def test_pages_are_printed_in_light_colours() -> None:
    """Paper is white, whatever the theme on screen."""
    printed = re.findall(r":root\[data-theme\] \{(.*?)\}", SHEET, re.DOTALL)[0]
    data_colors = {name: value for name, value in variables(LIGHT).items() if name.startswith(("--account-", "--good", "--bad"))}
    del data_colors["--bad-soft"]
    assert [name for name, value in data_colors.items() if f"{name}: {value};" not in printed] == []


# The styles


@pytest.mark.parametrize("order", [["b", "a", "c"], ["c", "b", "a"], ["a", "a", "b", "c"]])
def test_colours_follow_the_order_typed(order: list[str]) -> None:
    """The first account is blue, and an account typed twice counts once."""
    styles = assign_styles(order)
    assert [styles[account].color for account in dict.fromkeys(order)] == list(PALETTE[:3])


def test_an_added_account_recolours_nobody() -> None:
    """This holds even if it comes first in the alphabet."""
    before = assign_styles(["nasa", "esa"])
    after = assign_styles(["nasa", "esa", "aster-air"])
    assert {account: after[account] for account in before} == before


def test_ten_accounts_have_ten_colours() -> None:
    """The sixth has another dash and another marker, too, and twenty accounts have twenty different styles."""
    styles = list(assign_styles(f"a{number}" for number in range(20)).values())
    assert [style.color for style in styles] == [*PALETTE, *PALETTE]
    assert len(set(PALETTE)) == 10
    assert styles[4].dash == DASH_PATTERNS[0]
    assert styles[5].dash == DASH_PATTERNS[1]
    assert styles[5].symbol == MARKER_SYMBOLS[1]
    assert styles[9].css_class == "account-10"
    assert len(set(styles)) == 20


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_an_image_has_the_background_of_a_card(theme: str) -> None:
    """Its edges aren't seen on our pages."""
    assert THEMES[theme].background == variables(theme)["--card"]


@pytest.mark.parametrize("theme", [LIGHT, DARK])
@pytest.mark.parametrize("color", PALETTE)
def test_initials_are_legible_on_the_colour_of_an_account(color: str, theme: str) -> None:
    """They are white on dark hues, and dark on all others."""
    with_dark_ink = re.findall(r"\.account-(\d+)", re.findall(r"\.monogram:is\((.*?)\) text", SHEET)[0])
    is_dark_ink = theme == DARK or str(PALETTE.index(color) + 1) in with_dark_ink
    assert contrast(in_theme(color, theme), "#0c1015" if is_dark_ink else "#ffffff") >= 4.5
