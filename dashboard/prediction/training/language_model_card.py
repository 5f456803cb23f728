"""Writing the card of the model for other languages as Markdown.

The fixed text is in `language_model_card.md`; everything measured comes from the file, so nothing is computed here.

`python -m dashboard.prediction.training.language_model_card` prints the card of the built-in model.
"""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from string import Template

from dashboard.core.formatting.texts import format_list
from dashboard.prediction.classifier import model_file
from dashboard.prediction.classifier.classifier import build_card
from dashboard.prediction.language_scores import LanguageScores, build_dataset_scores
from dashboard.prediction.multilingual.languages import LANGUAGE_NAMES
from dashboard.prediction.multilingual.model import BUILT_IN_MODEL_PATH
from dashboard.prediction.training.model_card import format_datasets, format_lexicons, format_macro_recall, format_number, format_table

_TEMPLATE_PATH = Path(__file__).with_name("language_model_card.md")


def render_markdown(path: Path) -> str:
    """Return the model card of a model file. Raises ModelUnavailable."""
    metadata, _, digest = model_file.read(path)
    training, tables = metadata["training"], build_dataset_scores(build_card(metadata, digest))
    return Template(_TEMPLATE_PATH.read_text(encoding="utf-8")).substitute(
        name=metadata["name"],
        version=metadata["version"],
        date=f"trained on {training['date']}" if training.get("date") else "training date not recorded",
        size=f"{path.stat().st_size:,}",
        digest=digest,
        languages=format_list([LANGUAGE_NAMES[language] for language in metadata["languages"]], conjunction="or"),
        command="chorus train --languages --data DIR" + (f" --date {training['date']}" if training.get("date") else ""),
        versions=", ".join(f"{name} {number}" for name, number in sorted(training["versions"].items())),
        error_rates=_format_error_rates(tables),
        reliability=_format_reliability(tables),
        data=format_datasets(training["data"]),
        lists=format_lexicons(training["lists"]),
        rows=", ".join(f"{language} {rows:,}" for language, rows in training["rows"].items()),
        limits="\n".join(f"- {limit}" for limit in metadata["limits"]),
    )


def _format_error_rates(tables: Mapping[str, Sequence[LanguageScores]]) -> str:
    """Return a table with a row per language and dataset."""
    rows = [
        (
            LANGUAGE_NAMES[language],
            scores["dataset"],
            format_number(scores["posts"]),
            format_macro_recall({**scores}),
            *(format_number(scores[name]) for name in ("error_rate", "opposite_rate")),
            f"{scores['bias']:+.3f}",
            *(format_number(scores[name]) for name in ("shown_change", "ece")),
            scores["grade"],
        )
        for language, by_dataset in tables.items()
        for scores in by_dataset
    ]
    header = (
        "language",
        "dataset",
        "posts",
        "macro recall",
        "share misread",
        "with the opposite sign",
        "bias",
        "change shown",
        "ECE",
        "grade",
    )
    return format_table(header, rows)


def _format_reliability(tables: Mapping[str, Sequence[LanguageScores]]) -> str:
    """Return a table with a row per language, dataset and bin of probabilities."""
    rows = [
        (
            LANGUAGE_NAMES[language],
            scores["dataset"],
            f"{table_bin['low']:.1f} to {table_bin['high']:.1f}",
            format_number(table_bin["rows"]),
            format_number(table_bin["confidence"]),
            f"{table_bin['accuracy']:.3f} ({table_bin['accuracy_interval'][0]:.3f} to {table_bin['accuracy_interval'][1]:.3f})",
        )
        for language, by_dataset in tables.items()
        for scores in by_dataset
        for table_bin in scores["reliability"]
    ]
    return format_table(("language", "dataset", "probability", "posts", "mean probability", "right"), rows)


if __name__ == "__main__":
    sys.stdout.write(render_markdown(BUILT_IN_MODEL_PATH))
