"""Loads the models that label posts in a process that analyzes a collection. Serving requests needs other ones."""

from pathlib import Path

from dashboard.core.observer import NULL_OBSERVER
from dashboard.prediction.classifier.classifier import load_built_in_classifier
from dashboard.prediction.multilingual.model import load_built_in_card, load_built_in_model
from dashboard.prediction.serving.labeller import Labeller, build_labeller
from dashboard.prediction.serving.language_models import LanguageModels
from dashboard.prediction.serving.loader import load_model


def load_labeller(model_path: str, *, is_trusted: bool) -> Labeller:
    """Return the labeller that a server with the same model has. Raises ModelUnavailable or InvalidQuery."""
    if model_path:
        return build_labeller(load_model(Path(model_path), is_trusted))
    return build_labeller(load_built_in_classifier(), LanguageModels(load_built_in_model, load_built_in_card, NULL_OBSERVER))
