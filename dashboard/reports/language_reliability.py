"""The reliability diagrams of the model for other languages: one per language and data set, from what its file stores.

Nothing is measured here. `python -m dashboard.reports.language_reliability >docs/language-reliability.svg` draws those of the model card.
"""

import sys
import unicodedata

from dashboard.charts.definitions.reliability import reliability_chart
from dashboard.charts.spec.reliability import ReliabilityChart
from dashboard.core.languages import name_language
from dashboard.core.messages import gettext
from dashboard.prediction.language_scores import LanguageScores, build_dataset_scores
from dashboard.prediction.protocols import ModelCard

_DATASET_NAMES = {"umsab-val": "UMSAB", "arsarcasm-val": "ArSarcasm", "idsa-val": "IDSA", "smsa-val": "SmSA"}  # as papers have them
_WIDTH_PIXELS = 900


def list_scores(card: ModelCard) -> list[tuple[str, LanguageScores]]:
    """Return the name of each language with its scores on a data set, in the order of the names."""
    by_language = build_dataset_scores(card)
    named = [(name_language(language), scores) for language, by_dataset in by_language.items() for scores in by_dataset]
    return sorted(named, key=lambda item: (_remove_accents(item[0]), item[1]["dataset"]))


def _remove_accents(name: str) -> str:
    """Return a name as alphabets order it: “árabe” is before “español”."""
    return unicodedata.normalize("NFD", name.casefold()).encode("ascii", "ignore").decode()


def name_dataset(name: str) -> str:
    """Return the name of a data set, such as UMSAB, or that of its file if it isn't known."""
    return _DATASET_NAMES.get(name.rpartition("/")[2], name)


def build_chart(card: ModelCard) -> ReliabilityChart:
    """Return the diagrams of a card; the chart is empty if its scores have no reliability tables."""
    tables = {f"{language} · {name_dataset(scores['dataset'])}": scores["reliability"] for language, scores in list_scores(card)}
    title = gettext("How sure the model is, and how often it is right")
    return reliability_chart({heading: bins for heading, bins in tables.items() if bins}, title, [card.title])


def draw_svg(card: ModelCard) -> str:
    """Return the diagrams with their texts as SVG. Raises ImageUnavailable."""
    from dashboard.charts.vega import images

    chart = build_chart(card)
    height = images.readable_height(chart, 0, _WIDTH_PIXELS)
    return images.render_svg(chart, width=_WIDTH_PIXELS, height=height, theme_name="light")


if __name__ == "__main__":
    from dashboard.prediction.multilingual.model import load_built_in_card

    sys.stdout.write(draw_svg(load_built_in_card()))
