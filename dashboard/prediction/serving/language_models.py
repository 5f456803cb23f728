"""Finding the model that reads a language. The file of the model for other languages is loaded when a text in one of them arrives.

Which language a text is in is decided elsewhere.
"""

import time
from collections.abc import Callable

from dashboard.core.errors import ModelUnavailable
from dashboard.core.observer import Observer
from dashboard.core.readings import Grade
from dashboard.prediction.language_scores import build_language_scores
from dashboard.prediction.multilingual.languages import LANGUAGES, READ_AS
from dashboard.prediction.multilingual.model import MultilingualModel
from dashboard.prediction.protocols import ModelCard, TextModel
from dashboard.prediction.serving.instrumented import instrument_text_model
from dashboard.prediction.serving.lazy_model import LazyModel


class LanguageModels:
    """The models for languages other than English, each reporting its predictions to an observer."""

    def __init__(
        self,
        loader: Callable[[], MultilingualModel],
        load_card: Callable[[], ModelCard],
        observer: Observer,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._family, self._load_card, self._observer = LazyModel(loader, clock), load_card, observer
        self._grades: dict[str, Grade] | None = None  # by language, once the card could be read

    @property
    def card(self) -> ModelCard | None:
        """The card, which doesn't need the file in memory; None if it can't be read."""
        try:
            return self._load_card()
        except ModelUnavailable:
            return None

    @property
    def is_loaded(self) -> bool:
        """Whether the file is in memory; never waits."""
        return self._family.is_loaded

    def find(self, language: str) -> TextModel | None:
        """Return the model that reads a language (a BCP 47 primary tag), None if none does, or if its file can't be loaded."""
        model_language = READ_AS.get(language, language)
        if model_language not in LANGUAGES:
            return None
        try:
            return instrument_text_model(self._family.get().reader(model_language), self._observer)
        except (ModelUnavailable, KeyError):
            return None  # the reason is in the log

    def is_provisional(self, language: str) -> bool:
        """Return whether a language is read so roughly that a single text's label needs a high probability to be trusted."""
        if self._grades is None and (card := self.card):
            self._grades = {name: scores["grade"] for name, scores in build_language_scores(card).items()}
        return (self._grades or {}).get(READ_AS.get(language, language)) == "provisional"
