"""Adapting models to the sentiment chart: many posts at once, three labels in a fixed order, each language by the model that reads it.

No counting or charting goes here, and which language a post is in is decided elsewhere.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.metadata import PackageNotFoundError, version

from dashboard.core.code_digest import digest_packages
from dashboard.core.errors import InvalidQuery, ModelUnavailable
from dashboard.core.formatting.texts import format_list, truncate
from dashboard.core.messages import gettext, translatable
from dashboard.prediction import classifier, multilingual, serving
from dashboard.prediction.language_scores import LanguageScores, build_language_scores
from dashboard.prediction.multilingual.languages import READ_AS
from dashboard.prediction.protocols import LABELS, Explanation, LanguageModels, Model, TextModel

BATCH_SIZE = 256  # texts per call of the model, as many as /predict accepts
_MAX_LISTED_LABELS = 3  # of the model's labels, in a message
_LIBRARIES = ("numpy", "scikit-learn")
_METHOD_ADVICE = translatable("Choose another sentiment method.")


@dataclass(frozen=True)
class LanguageLabeller:
    """The labeller of one language other than English, whose model is loaded with the first text."""

    models: LanguageModels
    language: str

    @property
    def version(self) -> str:
        """What tells its labels from those of another model, or of other code. It doesn't need the model in memory."""
        card = self.models.card
        return f"{card.title} {card.digest} {self.language} {_digest_code()} {_digest_multilingual_code()}" if card else ""

    def __call__(self, texts: Sequence[str]) -> list[list[float]]:
        """Return a row per text, in order, with the probability of each of LABELS. Raises ModelUnavailable."""
        return _label(self._load(), texts)

    def explain(self, text: str) -> Explanation | None:
        """Return the reasons for a text's label. Raises ModelUnavailable."""
        return self._load().explain(text)

    def _load(self) -> TextModel:
        model = self.models.find(self.language)
        if model is None:
            raise ModelUnavailable(
                translatable("The model for other languages can’t be loaded."), translatable("Choose posts in English only (language=en).")
            )
        return model


@dataclass(frozen=True)
class Labeller:
    """A text model with exactly the labels of LABELS, in any order, and the models for other languages.

    `language_models` is None if a model of somebody's own labels every post.
    """

    model: TextModel
    language_models: LanguageModels | None = None

    @property
    def title(self) -> str:
        """The model's name and version."""
        return self.model.card.title

    @property
    def version(self) -> str:
        """What tells its labels from those of another model, or of other code."""
        return f"{self.title} {self.model.card.digest} {_digest_code()}"

    @property
    def digest(self) -> str:
        """A digest of the files of all models."""
        card = self.language_models.card if self.language_models else None
        return f"{self.model.card.digest} {card.digest if card else ''}"

    @property
    def reads_all_languages(self) -> bool:
        """Whether posts in every language are labelled: nobody knows which ones a model of somebody's own understands."""
        return not self.model.card.training

    @cached_property
    def languages(self) -> Mapping[str, LanguageScores]:
        """How well each language other than English is read, by the tag that a post may have; without those that are only counted."""
        card = self.language_models.card if self.language_models else None
        scores = build_language_scores(card) if card else {}
        read = {language: measured for language, measured in scores.items() if measured["grade"] != "counted"}
        return read | {tag: read[language] for tag, language in READ_AS.items() if language in read}

    def find(self, language: str | None) -> "Labeller | LanguageLabeller":
        """Return what labels posts in a language; None stands for English, and for a language that can't be determined."""
        if self.language_models is None or language is None:
            return self
        return LanguageLabeller(self.language_models, READ_AS.get(language, language))

    def __call__(self, texts: Sequence[str]) -> list[list[float]]:
        """Return a row per text, in order, with the probability of each of LABELS, as if all were in English."""
        return _label(self.model, texts)

    def explain(self, text: str) -> Explanation | None:
        """Return the reasons for a text's label, None if the model can't explain itself."""
        return self.model.explain(text)


def build_labeller(model: Model, language_models: LanguageModels | None = None) -> Labeller:
    """Return a labeller that uses a model, and others for other languages.

    Raises InvalidQuery at the field `method` if the model doesn't predict sentiment.
    """
    if model.kind == "tabular":
        problem = gettext("The AI model on this server takes rows of numbers, so it can’t label posts.")
        raise InvalidQuery([("method", f"{problem} {gettext(_METHOD_ADVICE)}")])
    labels = [str(label) for label in model.card.labels]
    if sorted(labels) != sorted(LABELS):
        actual, expected = _format_labels(labels), _format_labels(LABELS)
        problem = gettext("The AI model on this server labels texts as %(actual)s, not as %(expected)s.", actual=actual, expected=expected)
        raise InvalidQuery([("method", f"{problem} {gettext(_METHOD_ADVICE)}")])
    return Labeller(model, language_models)


def _label(model: TextModel, texts: Sequence[str]) -> list[list[float]]:
    columns = [model.card.labels.index(label) for label in LABELS]
    batches = (texts[start : start + BATCH_SIZE] for start in range(0, len(texts), BATCH_SIZE))
    return [[row[column] for column in columns] for batch in batches for row in model.predict_proba(batch)]


@cache
def _digest_multilingual_code() -> str:
    return digest_packages([multilingual])


@cache
def _digest_code() -> str:
    """Return a digest of everything between a text and its labels apart from the model's file: our code, and the libraries it calls."""
    return digest_packages([classifier, serving], *map(_find_version, _LIBRARIES))


def _find_version(library: str) -> str:
    try:
        return version(library)
    except PackageNotFoundError:
        return ""


def _format_labels(labels: Sequence[str]) -> str:
    return format_list([truncate(label, 40) for label in labels[:_MAX_LISTED_LABELS]], total=len(labels))
