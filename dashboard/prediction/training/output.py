"""Writing what was trained: a model file and its card, with an error that helps for everything that can go wrong.

What is trained, and how, is in `train.py` and `train_languages.py`.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from dashboard.core.errors import InvalidSetting
from dashboard.prediction.classifier import model_file

Trained = tuple[dict[str, Any], model_file.Arrays]


def write_trained(train: Callable[[], Trained], model_path: Path, card_path: Path | None, render_card: Callable[[Path], str]) -> Trained:
    """Train, write the model and its card, and return the model's metadata and arrays.

    Raises InvalidLabelledData for the data, InvalidSetting for what can't be read, written or imported.
    """
    try:
        metadata, arrays = train()
        model_file.write(model_path, metadata, arrays)
        if card_path:
            card_path.write_text(render_card(model_path), encoding="utf-8")
    except OSError as error:
        raise InvalidSetting(f"{error.filename}: {error.strerror}.", "Check --data, --out and --card.") from None
    except ModuleNotFoundError as error:
        raise InvalidSetting(f"Training needs {error.name}, which isn't installed.", "Install Chorus with its extra `train`.") from None
    return metadata, arrays
