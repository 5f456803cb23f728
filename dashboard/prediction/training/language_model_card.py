"""Writing the card of the model for other languages as Markdown.

The fixed text is in `language_model_card.md`; everything measured comes from the file, so nothing is computed here.

`python -m dashboard.prediction.training.language_model_card` prints the card of the built-in model.
"""

import sys
from pathlib import Path
from string import Template
from typing import Any

from dashboard.core.formatting.texts import format_list
from dashboard.prediction.classifier import model_file
from dashboard.prediction.multilingual.languages import LANGUAGE_NAMES
from dashboard.prediction.multilingual.model import BUILT_IN_MODEL_PATH
from dashboard.prediction.training.model_card import format_datasets, format_lexicons, format_macro_recall, format_number, format_table

_TEMPLATE_PATH = Path(__file__).with_name("language_model_card.md")


def render_markdown(path: Path) -> str:
    """Return the model card of a model file. Raises ModelUnavailable."""
    metadata, _, digest = model_file.read(path)
    training = metadata["training"]
    return Template(_TEMPLATE_PATH.read_text(encoding="utf-8")).substitute(
        name=metadata["name"],
        version=metadata["version"],
        date=f"trained on {training['date']}" if training.get("date") else "training date not recorded",
        size=f"{path.stat().st_size:,}",
        digest=digest,
        languages=format_list([LANGUAGE_NAMES[language] for language in metadata["languages"]], conjunction="or"),
        command="chorus train --languages --data DIR" + (f" --date {training['date']}" if training.get("date") else ""),
        versions=", ".join(f"{name} {number}" for name, number in sorted(training["versions"].items())),
        error_rates=_format_error_rates(metadata["scores"]),
        data=format_datasets(training["data"]),
        lists=format_lexicons(training["lists"]),
        rows=", ".join(f"{language} {rows:,}" for language, rows in training["rows"].items()),
        limits="\n".join(f"- {limit}" for limit in metadata["limits"]),
    )


def _format_error_rates(scores: dict[str, Any]) -> str:
    """Return a table with a row per language and dataset."""
    rows = [
        (
            LANGUAGE_NAMES[name.rsplit("/", 1)[1]],
            name.rsplit("/", 1)[0],
            format_number(measured["rows"]),
            format_macro_recall(measured),
            format_number(1 - measured["accuracy"]),
            format_number(measured["opposite"]),
            format_number(measured["ece"]),
        )
        for name, measured in sorted(scores.items(), key=lambda item: item[0].rsplit("/", 1)[1])
    ]
    return format_table(("language", "dataset", "posts", "macro recall", "share misread", "with the opposite sign", "ECE"), rows)


if __name__ == "__main__":
    sys.stdout.write(render_markdown(BUILT_IN_MODEL_PATH))
