"""The classifier, trained with scikit-learn (the `train` extra): `chorus train --data DIR`.

Same data, same bytes. Only `val` and `devtest2016` are looked at: the calibration is fitted on them.
"""

import csv
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from dashboard.core.errors import InvalidSetting
from dashboard.prediction.classifier import features, model_file
from dashboard.prediction.classifier.classifier import BUILT_IN_MODEL_PATH, MAX_TEXT_CHARACTERS, Classifier, build_lookup_tables
from dashboard.prediction.classifier.tokenizer import MAX_TOKENS_PER_TEXT
from dashboard.prediction.classifier.vocabulary import WORD_FLAG, Array, TokenizedTexts, Vocabulary
from dashboard.prediction.training import cnn, feature_matrix, labelled_data, metrics, model_card, provenance, quantization

_TRAINING_SET_WEIGHTS = {
    "tweeteval-sentiment/train": 1.0,
    "tse/tse": 0.25,
    "emotion/emotion": 0.5,
    "vader-tweets/vader-tweets": 0.5,
}  # and their weights
_POOL_SET = "pseudo/pseudo"
_POOL_WEIGHT, _TEACHER_WEIGHT = 0.3, 1.0  # the weight of the pool's labels, and that of its teacher's probabilities for the convolution
LEXICON_SCALE, VECTOR_SCALE = 0.1, 0.03
_CALIBRATION_SETS = ("tweeteval-sentiment/val", "tweeteval-sentiment/devtest2016")
_MACRO_RECALL_WITHOUT_POOL = {
    "tweeteval-sentiment/val": 0.721,
    "tweeteval-sentiment/devtest2016": 0.599,
}  # macro recall, cross-validated, in November 2026
_LIMITATIONS = (
    "English only: a text in another language gets an answer that means little.",
    "Trained on posts of X from 2009 to 2021; irony and sarcasm are mostly missed.",
    f"Of a text, the first {MAX_TEXT_CHARACTERS:,} characters and {MAX_TOKENS_PER_TEXT:,} words and marks are read.",
    "The machine labels of the pool come from a teacher that also saw a set for non-commercial use (airline, CC BY-NC-SA 4.0).",
)


def load_set(data_folder: Path, name: str) -> tuple[list[str], Array]:
    """Return texts and labels (0 negative, 1 neutral, 2 positive) of a shared set."""
    examples = labelled_data.load_dataset(data_folder / f"{name}.tsv.gz")
    return examples.texts, examples.labels


def load_lexicons(folder: Path) -> tuple[list[str], Array]:
    """Return terms and what Bing, VADER, AFINN and the Emoji Sentiment Ranking say of them, about −2 … 2; rows begin with a silent one."""
    found: list[dict[str, float]] = [{}, {}, {}, {}]
    with (folder / "bing.csv").open(newline="") as file:
        for word, side in list(csv.reader(file))[1:]:
            found[0][word] = found[0].get(word, 0) + (1 if side == "positive" else -1)
    for line in (folder / "vader.txt").read_text("utf-8").splitlines():
        token, mean, *_ = line.split("\t")
        found[1][token.lower() if len(token) > 3 else token] = float(mean) / 2
    for line in (folder / "afinn.txt").read_text("utf-8").splitlines():
        token, points = line.split("\t")
        found[2][token] = float(points) / 2.5
    with (folder / "emoji.csv").open(newline="", encoding="utf-8") as file:
        for row in list(csv.reader(file))[1:]:
            negative, neutral, positive = map(float, row[4:7])
            found[3][row[0]] = (positive - negative) / (negative + neutral + positive)
    terms = sorted(set().union(*found) - {""})
    return terms, np.array([[0.0] * 4, *([each.get(term, 0) for each in found] for term in terms)], dtype=np.float32)


def train_classifier(
    data_folder: Path, *, use_pool: bool = True, training_date: date | None = None, on_step: cnn.StepListener | None = None
) -> tuple[dict[str, Any], model_file.Arrays]:
    """Return the facts and arrays of a classifier trained on the sets in `data`. Peaks at some gigabytes with the pool.

    `day` is written into the facts; it is told and not looked up, so that the same data give the same bytes.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.svm import LinearSVC

    sets = {name: (*load_set(data_folder, name), weight) for name, weight in _TRAINING_SET_WEIGHTS.items()}
    if use_pool:
        sets[_POOL_SET] = (*load_set(data_folder, _POOL_SET), _POOL_WEIGHT)
    arrays = _load_lexicons_and_vectors(data_folder)
    labels = np.concatenate([truth for _, truth, _ in sets.values()])
    seen = _fit_features([text for texts, _, _ in sets.values() for text in texts], arrays)
    arrays |= _train_cnn(data_folder, sets, arrays, on_step)
    weights = np.concatenate([weight * _balanced_weights(truth) for _, truth, weight in sets.values()])
    linear = LinearSVC(C=0.1, random_state=0).fit(seen, labels, sample_weight=weights)
    _store_quantized_weights(arrays, linear.coef_.T, linear.intercept_)
    tuning = {name: load_set(data_folder, name) for name in _CALIBRATION_SETS}
    truths = {name: truth for name, (_, truth, _) in sets.items()}, {name: truth for name, (_, truth) in tuning.items()}
    facts = _build_metadata(
        provenance.describe_training(data_folder, *truths, training_date=training_date, use_pool=use_pool), use_pool=use_pool
    )
    decisions, truth = _build_calibration_data(facts, arrays, tuning)
    logistic = LogisticRegression(C=10, class_weight="balanced").fit(decisions, truth)
    arrays["logistic"], arrays["logistic_bias"] = logistic.coef_, logistic.intercept_
    facts["temperature"] = _fit_temperature(decisions @ logistic.coef_.T + logistic.intercept_, truth)
    model = Classifier(facts, arrays, "")
    facts["scores"] = {name: _evaluate(model, *given) for name, given in tuning.items()}
    facts["scores"]["quantisation"] = quantization.measure_costs(model, linear, tuning, _DENSE_FEATURE_SCALES)
    facts["version"] = hashlib.sha256(b"".join(arrays[name].tobytes() for name in sorted(arrays))).hexdigest()[:12]
    return facts, arrays


def _load_lexicons_and_vectors(data_folder: Path) -> model_file.Arrays:
    terms, polarity = load_lexicons(data_folder / "lexicons")
    with np.load(data_folder / "vectors" / "glove100-30k-int8.npz") as given:
        words, vectors = str(given["words"]), given["vectors"]
    silent = np.zeros((1, vectors.shape[1]), dtype=np.int8)
    table = np.vstack([silent, vectors])
    return {
        "terms": _encode_lines(terms),
        "polarity": polarity,
        "words": _encode_lines(words.split("\n")),
        "vectors": table,
        "met": _encode_lines([]),
    }


def _fit_features(texts: Sequence[str], arrays: model_file.Arrays) -> Any:
    """Return the training matrix, and put what it needs into `arrays`: idf, standardisation, and which words were met."""
    vocabulary = Vocabulary(build_lookup_tables(arrays))
    read = vocabulary.encode(texts)
    found, values = feature_matrix.count_ngrams(read, vocabulary), feature_matrix.build_dense_features(read, vocabulary, arrays["vectors"])
    for name, each in zip(feature_matrix.NGRAM_KINDS, found, strict=True):
        arrays[f"{name}_idf"] = feature_matrix.compute_idf(each)
    arrays["dense_mean"] = values.mean(axis=0).astype(np.float32)
    arrays["dense_std"] = (values.std(axis=0) + 1e-6).astype(np.float32)
    arrays["met"], arrays["felt"] = (
        _encode_lines(_list_familiar_words(read, vocabulary)),
        _encode_lines(cnn.list_frequent_tokens(read.token_ids, vocabulary)),
    )
    return feature_matrix.build_matrix(found, values, arrays, _DENSE_FEATURE_SCALES)


def _train_cnn(
    data_folder: Path,
    training_sets: Mapping[str, tuple[list[str], Array, float]],
    arrays: model_file.Arrays,
    on_step: cnn.StepListener | None,
) -> model_file.Arrays:
    """Return the arrays of the convolution, that learns the labels of the sets and of the pool what its teacher thought."""
    vocabulary = Vocabulary(build_lookup_tables(arrays))
    texts = vocabulary.encode([text for texts, _, _ in training_sets.values() for text in texts])
    targets = [cnn.load_targets(data_folder / f"{name}.tsv.gz", truth) for name, (_, truth, _) in training_sets.items()]
    weights = [
        (_TEACHER_WEIGHT if name == _POOL_SET else weight) * _balanced_weights(truth) for name, (_, truth, weight) in training_sets.items()
    ]
    training_set = cnn.TrainingSet(texts, np.concatenate(targets), np.concatenate(weights))
    return cnn.train_cnn(training_set, vocabulary, arrays["vectors"], on_step=on_step)


def _list_familiar_words(texts: TokenizedTexts, vocabulary: Vocabulary) -> list[str]:
    """Return the words that stand in the texts often enough to be familiar."""
    words = vocabulary.column("flags")[texts.token_ids, WORD_FLAG]
    different, counts = np.unique(np.array(vocabulary.tokens, dtype=object)[texts.token_ids[words] // 2].astype(str), return_counts=True)
    return [str(word) for word in different[counts >= _MIN_FAMILIAR_COUNT]]


def _encode_lines(lines: Sequence[str]) -> Array:
    return np.frombuffer("\n".join(lines).encode(), dtype=np.uint8)


_MIN_FAMILIAR_COUNT = 10  # times a word is met in training to be familiar
_DENSE_FEATURE_SCALES = np.repeat(
    np.array([LEXICON_SCALE, VECTOR_SCALE], dtype=np.float32), [features.LEXICON_FEATURE_COUNT, features.VECTOR_FEATURE_COUNT]
)


def _balanced_weights(labels: Array) -> Array:
    """Return a weight a row that makes the labels of a set count alike."""
    counts = np.bincount(labels, minlength=3)
    return np.asarray((len(labels) / ((counts > 0).sum() * np.maximum(counts, 1)))[labels])


def _store_quantized_weights(arrays: model_file.Arrays, weights: Array, intercept: Array) -> None:
    """Put the weights into `arrays`, those of n-grams as int8 of their signed roots, with a scale a label."""
    for at, name in enumerate(("word", "letter")):
        part = weights[at * features.BUCKET_COUNT : (at + 1) * features.BUCKET_COUNT]
        scale = np.abs(part).max(axis=0) / 127**2
        arrays[f"{name}_weights"] = (np.sign(part) * np.round(np.sqrt(np.abs(part) / scale))).astype(np.int8)
        arrays[f"{name}_scale"] = scale
    arrays["dense_weights"] = weights[2 * features.BUCKET_COUNT :] * _DENSE_FEATURE_SCALES[:, None]
    arrays["intercept"] = intercept


def _build_calibration_data(
    metadata: dict[str, Any], arrays: model_file.Arrays, calibration_sets: dict[str, tuple[list[str], Array]]
) -> tuple[Array, Array]:
    model = Classifier(metadata | {"temperature": 1}, arrays, "")
    decisions = [model.calibration_inputs(*model.encode(texts)) for texts, _ in calibration_sets.values()]
    return np.vstack(decisions), np.concatenate([truth for _, truth in calibration_sets.values()])


def _fit_temperature(logits: Array, true_labels: Array) -> float:
    """Return the temperature (Guo et al. 2017) with the least log loss."""
    grid = np.round(np.arange(0.5, 2.5, 0.02), 2)
    losses = []
    for temperature in grid:
        scaled = logits / temperature
        losses.append(np.mean(np.log(np.exp(scaled).sum(axis=1)) - scaled[np.arange(len(true_labels)), true_labels]))
    return float(grid[int(np.argmin(losses))])


def _evaluate(model: Classifier, texts: list[str], true_labels: Array) -> dict[str, Any]:
    """Return every measure to four digits; the table of reliability is what `chorus evaluate` is for."""
    measured = metrics.round_floats(metrics.compute_metrics(np.array(model.predict_proba(texts)), true_labels))
    return {name: value for name, value in measured.items() if name != "reliability"}


def _build_metadata(training: dict[str, Any], *, use_pool: bool) -> dict[str, Any]:
    limits = _LIMITATIONS if use_pool else _LIMITATIONS[:-1]
    training |= {"without_pool": _MACRO_RECALL_WITHOUT_POOL} if use_pool else {}
    return {"name": "chorus-sentiment", "version": "", "training": training, "scores": {}, "limits": list(limits), "temperature": 1.0}


def train_to_file(
    data_folder: Path,
    model_path: Path | None = None,
    *,
    card_path: Path | None = None,
    use_pool: bool = True,
    day: str | None = None,
    on_step: cnn.StepListener | None = None,
) -> list[str]:
    """Train, write the classifier (by default over the built-in one) and its card, and return the scores as lines of text.

    Raises InvalidLabelledData for the data, InvalidSetting for what can't be read, written or imported.
    """
    path, training_date = model_path or BUILT_IN_MODEL_PATH, provenance.parse_training_date(day)
    try:
        facts, arrays = train_classifier(data_folder, use_pool=use_pool, training_date=training_date, on_step=on_step)
        model_file.write(path, facts, arrays)
        if card_path:
            card_path.write_text(model_card.render_markdown(path), encoding="utf-8")
    except OSError as problem:
        raise InvalidSetting(f"{problem.filename}: {problem.strerror}.", "Check --data, --out and --card.") from None
    except ModuleNotFoundError as problem:
        raise InvalidSetting(f"Training needs {problem.name}, which is not installed.", "Install Chorus with its extra `train`.") from None
    return list(_format_summary(path, facts))


def _format_summary(model_path: Path, metadata: dict[str, Any]) -> Iterator[str]:
    trained_on = metadata["training"]["date"] or "no --date told"
    yield f"{model_path}: {model_path.stat().st_size:,} bytes, {metadata['name']} {metadata['version']}, {trained_on}"
    for name in _CALIBRATION_SETS:
        shown = ", ".join(f"{key} {metadata['scores'][name][key]:.4f}" for key in ("macro_recall", "macro_f1", "accuracy", "ece"))
        yield f"  {name}: {shown}"
    for name, each in metadata["scores"]["quantisation"].items():
        yield f"  quantisation costs {each['cost']:.3f} points on {name} ({100 * each['agreement']:.2f} % of labels agree)"
