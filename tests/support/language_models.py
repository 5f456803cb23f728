"""Labellers whose other languages are those of the built-in models, loaded as servers load them."""

from dashboard.core.observer import NullObserver
from dashboard.prediction.classifier.classifier import load_built_in_classifier
from dashboard.prediction.multilingual.model import load_built_in_card, load_built_in_model
from dashboard.prediction.serving.labeller import Labeller, build_labeller
from dashboard.prediction.serving.language_models import LanguageModels


def build_language_models() -> LanguageModels:
    """Return the built-in models for other languages, none of them loaded for this caller yet."""
    return LanguageModels(load_built_in_model, load_built_in_card, NullObserver())


def build_multilingual_labeller() -> Labeller:
    """Return the built-in models for all languages as a labeller."""
    return build_labeller(load_built_in_classifier(), build_language_models())
