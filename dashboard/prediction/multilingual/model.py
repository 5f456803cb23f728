"""The model for languages other than English: reads its file, and makes a classifier for each language that it reads.

The classifiers share the file's tables; each has its own tokenizer, calibration and table of known tokens. Which language a text is in
isn't decided here.
"""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np

from dashboard.core.errors import ModelUnavailable
from dashboard.prediction.classifier import model_file
from dashboard.prediction.classifier.classifier import build_card, check_can_predict, validate_metadata
from dashboard.prediction.classifier.cnn import TextCNN
from dashboard.prediction.classifier.text_classifier import Parts, TextClassifier
from dashboard.prediction.multilingual.languages import LANGUAGES
from dashboard.prediction.multilingual.lookup import LookupFamily
from dashboard.prediction.multilingual.ngrams import HASH_BITS, LanguageNgrams, NgramTable
from dashboard.prediction.multilingual.tokenizer import Tokenizer
from dashboard.prediction.protocols import ModelCard

BUILT_IN_MODEL_PATH = Path(__file__).with_name("languages.chorus")
_MAX_KEPT_ROWS = 24_000  # of known tokens, of all languages together: about 8 MB
_MAX_KEPT_PRODUCTS = 512  # tokens of each language: 1 MB
_TABLES_BY_KEYS = {"vector_keys": ("vectors", "word_polarity"), "term_keys": ("term_polarity",), "embedding_keys": ("own",)}
_RETRAIN_ADVICE = "Train it again with `chorus train --languages`."


class MultilingualModel:
    """A model read from its file. `languages` are the BCP 47 primary tags that it reads."""

    def __init__(self, metadata: dict[str, Any], arrays: model_file.Arrays, digest: str) -> None:
        """Take what `model_file.read` returns."""
        self.card, self.languages = build_card(metadata, digest), tuple(metadata["languages"])
        self._tables = _Tables(arrays)
        self._readers: dict[str, _LanguageClassifier] = {}
        self._lock = Lock()

    def reader(self, language: str) -> TextClassifier:
        """Return the classifier of one of `languages`. Raises KeyError for another one."""
        with self._lock:
            if language not in self._readers:
                self._readers[language] = self._build_reader(language)
            return self._readers[language]

    def _build_reader(self, language: str) -> "_LanguageClassifier":
        try:
            index = self.languages.index(language)
        except ValueError:
            raise KeyError(language) from None
        return _LanguageClassifier(self._tables.build_parts(self.card, language, index), self)

    def release_tokens(self) -> None:
        """Forget the known tokens of all languages if together they are too many to keep."""
        readers = list(self._readers.values())
        if sum(reader.row_count for reader in readers) > _MAX_KEPT_ROWS:
            for reader in readers:
                reader.forget_tokens()


class _Tables:
    """The arrays of a model file, prepared once for all languages."""

    def __init__(self, arrays: model_file.Arrays) -> None:
        self._arrays = {name: array.astype(np.float64) for name, array in arrays.items() if array.dtype.kind == "f"}
        self._arrays["vectors"] = arrays["vectors"]
        self._lookups, self._cnn = LookupFamily(arrays), TextCNN(arrays)
        self._ngrams = {kind: NgramTable(arrays, kind) for kind in HASH_BITS}

    def build_parts(self, card: ModelCard, language: str, index: int) -> Parts:
        """Return the parts of the classifier of a language, which is the index-th of the file."""
        calibration = {name: self._arrays[name][index] for name in ("logistic", "logistic_bias")}
        ngrams, tokenizer = LanguageNgrams(self._ngrams, language), Tokenizer(language)
        return Parts(card, self._arrays | calibration, 1.0, self._lookups.build(language), ngrams, self._cnn, tokenizer, _MAX_KEPT_PRODUCTS)


class _LanguageClassifier(TextClassifier):
    """The classifier of one language, which shares the limit of known tokens with those of the others."""

    def __init__(self, parts: Parts, family: MultilingualModel) -> None:
        super().__init__(parts)
        self._family = family

    @property
    def row_count(self) -> int:
        """The number of rows of the table of known tokens."""
        return 2 * len(self._vocabulary.tokens)

    def forget_tokens(self) -> None:
        """Start with an empty table."""
        self._vocabulary = self._new_vocabulary()

    def _reset_full_vocabulary(self) -> None:
        self._family.release_tokens()


def load_model(path: Path) -> MultilingualModel:
    """Return the model of a file, after a test prediction in each language. Raises ModelUnavailable with the reason."""
    metadata, arrays, digest = model_file.read(path)
    try:
        validate_metadata(metadata)
        _validate_arrays(metadata["languages"], arrays)
        model = MultilingualModel(metadata, arrays, digest)
        for language in model.languages:
            check_can_predict(model.reader(language))
    except (KeyError, TypeError, ValueError, IndexError, AttributeError):
        raise ModelUnavailable(
            f"{path.name} doesn't contain a model for other languages that this version of Chorus can use.", _RETRAIN_ADVICE
        ) from None
    return model


def _validate_arrays(languages: Sequence[str], arrays: model_file.Arrays) -> None:
    """Raise ValueError if a language isn't known, or if arrays that belong together have different numbers of rows."""
    if not languages or not set(languages) <= set(LANGUAGES):
        raise ValueError("unknown languages")
    if not all(arrays[name].shape[0] == len(languages) for name in ("logistic", "logistic_bias")):
        raise ValueError("not one calibration per language")
    for kind, bits in HASH_BITS.items():
        if arrays[f"{kind}_weights"].shape != (1 << bits, 3) or arrays[f"{kind}_idf"].shape != (1 << bits,):
            raise ValueError("n-gram arrays of another size")
    for keys, tables in _TABLES_BY_KEYS.items():
        if not all(len(arrays[name]) == len(arrays[keys]) + 1 for name in tables):
            raise ValueError("not one row per token")


@cache
def load_built_in_card() -> ModelCard:
    """Return the card of the model that Chorus ships, without loading the model. Raises ModelUnavailable."""
    metadata, digest = model_file.read_metadata(BUILT_IN_MODEL_PATH)
    return build_card(metadata, digest)


@cache
def load_built_in_model() -> MultilingualModel:
    """Return the model that Chorus ships, loaded once per process. Raises ModelUnavailable if its file is missing or damaged."""
    return load_model(BUILT_IN_MODEL_PATH)
