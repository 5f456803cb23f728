"""Measures how well the word lists read each language, and writes dashboard/analytics/methods/readings.json.

    python bench/readings.py DATA_FOLDER

English posts are those of TweetEval's validation set. For other languages, AFINN's machine translation (lexicons-multilingual) is summed
over the words of UMSAB's and IDSA's validation posts. A post is positive or negative by the sign of its score.
"""

import csv
import gzip
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

RESULT = Path(__file__).parents[1] / "dashboard" / "analytics" / "methods" / "readings.json"
ENGLISH_SET = "tweeteval-sentiment/val"
SETS = dict.fromkeys(("ar", "de", "es", "fr", "it", "pt"), "languages/umsab-val") | {"id": "languages/idsa-val"}


def load_posts(folder: Path, dataset: str, language: str) -> tuple[list[int], list[str]]:
    """Return the labels (0, 1, 2) and the texts of a dataset's posts in a language."""
    with gzip.open(folder / f"{dataset}.tsv.gz", "rt", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE) if row.get("lang", "en") == language]
    return [int(row["label"]) for row in rows], [row["text"] for row in rows]


def describe(dataset: str, labels: Sequence[int], scores: Sequence[float]) -> dict[str, Any]:
    """Return the fields of a Reading; the sign of a post's score is its label."""
    import numpy as np

    from dashboard.prediction.training.metrics import label_metrics, macro_recall_interval

    counts = np.zeros((3, 3), dtype=np.int64)
    np.add.at(counts, (list(labels), np.sign(scores).astype(np.int64) + 1), 1)
    recall, low = sum(label["recall"] for label in label_metrics(counts)) / 3, macro_recall_interval(counts)[0]
    return {"dataset": dataset, "confusion": counts.tolist(), "macro_recall": round(recall, 4), "low": round(low, 4)}


def measure_translation(folder: Path, language: str) -> dict[str, Any]:
    """Return how well AFINN's translation into a language reads it."""
    import polars as pl

    from dashboard.analytics import lexicon

    labels, texts = load_posts(folder, SETS[language], language)
    lines = (folder / "lexicons-multilingual" / f"{language}.afinn.tsv").read_text(encoding="utf-8").splitlines()
    points = {word: int(value) for word, value in (line.split("\t") for line in lines)}
    words = pl.DataFrame({"text": texts}).select(words=lexicon.extract_words(pl.col("text")))["words"].to_list()
    return describe(SETS[language], labels, [sum(points.get(word, 0) for word in listed) for listed in words])


def main() -> None:
    """Write the file."""
    import polars as pl

    from dashboard.core.methods import METHODS

    folder = Path(sys.argv[1])
    labels, texts = load_posts(folder, ENGLISH_SET, "en")
    readings: dict[str, dict[str, Any]] = {}
    for method in METHODS:
        if not method.needs_labeller:
            scored = method.load_scorer().score(pl.DataFrame({"text": texts}))
            readings[method.name] = {"en": describe(ENGLISH_SET, labels, (scored["positive"] - scored["negative"]).to_list())}
    readings["afinn"] |= {language: measure_translation(folder, language) for language in SETS}
    lines = ",\n".join(
        f'"{name}": {{\n' + ",\n".join(f' "{code}": {json.dumps(one)}' for code, one in sorted(by_code.items())) + "\n}"
        for name, by_code in sorted(readings.items())
    )
    RESULT.write_text(f"{{\n{lines}\n}}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
