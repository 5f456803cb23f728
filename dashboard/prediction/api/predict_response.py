"""What `/predict` answers: a body put to a model, in the shapes of the public contract. Pure."""

from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Annotated, Any, Literal, NotRequired, cast

from pydantic import Field, with_config
from typing_extensions import TypedDict

from dashboard.core.errors import InvalidPayload
from dashboard.prediction.api.schemas import Features, Instance, Instances, ManyTexts, OneText, RequestBody
from dashboard.prediction.language_detection import detect_languages
from dashboard.prediction.protocols import Label, Model, TabularModel, TextModel

TEXT_SUBJECTS = ("text", "texts", "instances")  # subjects that a text model answers
MAX_EXPLAINED_CHARACTERS = 100_000  # characters of a body that are explained: it takes longer than labelling
_EXPLANATION_LIMIT_NOTE = f"The first {MAX_EXPLAINED_CHARACTERS:,} characters of a body are explained. Send this text in another one."
Probability = Annotated[float, Field(ge=0, le=1)]
_ModelTitle = Annotated[str, Field(examples=["chorus-sentiment 1"])]
_PredictedLabel = Annotated[Label, Field(examples=["positive"])]
_LabelProbabilities = Annotated[dict[str, Probability], Field(examples=[{"negative": 0.02, "neutral": 0.05, "positive": 0.93}])]


class Weight(TypedDict):
    """A piece of the text, and what it adds to the margin: below 0 it speaks for the runner-up."""

    term: str
    weight: float


@with_config(extra="forbid")
class Prediction(TypedDict):
    """What the model says of a text.

    `model` is its name and version. `language` is there if the caller said it, or if the text is surely not English. With `explain`,
    the weights of `terms` add up to `margin`, the natural log of p(prediction) / p(runner_up); all three are null if the model can't say,
    or if the texts before it have used up what is explained of a body: `note` says so.
    """

    prediction: _PredictedLabel
    confidence: Annotated[Probability, Field(examples=[0.93])]
    probabilities: _LabelProbabilities
    model: _ModelTitle
    language: NotRequired[str]
    terms: NotRequired[list[Weight] | None]
    margin: NotRequired[float | None]
    runner_up: NotRequired[Label | None]
    note: NotRequired[str]


@with_config(extra="forbid")
class Predictions(TypedDict):
    """A prediction for each text, in order. `model` is missing where `instances` were sent, as Vertex AI has it."""

    predictions: list[Prediction]
    model: NotRequired[_ModelTitle]


@with_config(extra="forbid")
class RowPrediction(TypedDict):
    """The predicted class of a row, and the highest probability: null if the model gives none.

    With `explain`, `terms` are null: what such a model weighs is not known.
    """

    prediction: Annotated[Label, Field(examples=[0.0])]
    confidence: Annotated[Probability | None, Field(examples=[0.97])]
    terms: NotRequired[None]


@with_config(extra="forbid")
class RowPredictions(TypedDict):
    """A prediction for each row, in order. `model` is missing where `instances` were sent, as Vertex AI has it."""

    predictions: list[RowPrediction]
    model: NotRequired[_ModelTitle]


class Served(TypedDict):
    """What the served model says of itself.

    `takes` are the keys that `/predict` takes for it; `width` is the numbers of a row, null for texts; `digest` is the sha256 of its
    file; `lexicons` are the sha256 of the word lists that the other methods of the sentiment chart count with.
    """

    name: Annotated[str, Field(examples=["chorus-sentiment"])]
    version: Annotated[str, Field(examples=["1"])]
    digest: Annotated[str, Field(examples=["4f1c…"])]
    kind: Literal["text", "tabular"]
    labels: Annotated[list[Label], Field(examples=[["negative", "neutral", "positive"]])]
    width: Annotated[int | None, Field(examples=[None])]
    takes: Annotated[list[str], Field(examples=[["text", "texts", "instances", "explain", "language"]])]
    training: dict[str, Any]
    scores: dict[str, Any]
    limits: list[str]
    lexicons: Annotated[dict[str, str], Field(examples=[{"afinn.txt": "9a27…", "bing.csv": "b1c4…"}])]


PredictResponse = Prediction | Predictions | RowPrediction | RowPredictions


def predict(model: Model, body: RequestBody) -> PredictResponse:
    """Return what a model says of a body. Raises InvalidPayload if it is not made for such a body."""
    if isinstance(body, Features):
        return _predict_features(model, body)
    if isinstance(body, Instances) and any(isinstance(each, list) for each in body.instances):
        return _predict_instance_rows(model, body.instances, body.options)
    if model.kind == "tabular":
        subject = next(name for name in TEXT_SUBJECTS if hasattr(body, name))
        wanted = "rows of numbers" if model.card.feature_count is None else f"rows of {model.card.feature_count} numbers"
        raise InvalidPayload([(subject, f"The model here, {model.card.title}, reads {wanted}, not texts. Send them as “features”.")])
    if isinstance(body, OneText):
        return _predict_texts(model, [body.text], body)[0]
    if isinstance(body, ManyTexts):
        return {"predictions": _predict_texts(model, body.texts, body), "model": model.card.title}
    given = cast(Instances, body)
    texts = [each.text if isinstance(each, Instance) else str(each) for each in given.instances]
    return {"predictions": _predict_texts(model, texts, given.options)}


def describe_model(model: Model, lexicon_digests: Mapping[str, str]) -> Served:
    """Return what a model says of itself, beside the digests of the word lists."""
    card = model.card
    return {
        "name": card.name,
        "version": card.version,
        "digest": card.digest,
        "kind": model.kind,
        "labels": list(card.labels),
        "width": card.feature_count,
        "takes": ["features", "instances", "explain"] if model.kind == "tabular" else [*TEXT_SUBJECTS, "explain", "language"],
        "training": dict(card.training),
        "scores": dict(card.scores),
        "limits": list(card.limits),
        "lexicons": dict(lexicon_digests),
    }


def _predict_texts(model: TextModel, texts: Sequence[str], body: RequestBody) -> list[Prediction]:
    said = [body.language] * len(texts) if body.language else detect_languages(texts)
    rows = model.predict_proba(texts)
    found = [_build_prediction(model, row, language) for row, language in zip(rows, said, strict=True)]
    if body.explain:
        for text, end, each in zip(texts, accumulate(map(len, texts)), found, strict=True):
            _add_explanation(model, text, each, limit_reached=end > MAX_EXPLAINED_CHARACTERS)
    return found


def _build_prediction(model: TextModel, probabilities: Sequence[float], language: str | None) -> Prediction:
    labels, best = model.card.labels, max(probabilities)
    found: Prediction = {
        "prediction": labels[probabilities.index(best)],
        "confidence": best,
        "probabilities": dict(zip(map(str, labels), probabilities, strict=True)),
        "model": model.card.title,
    }
    if language:
        found["language"] = language
    return found


def _add_explanation(model: TextModel, text: str, prediction: Prediction, *, limit_reached: bool) -> None:
    """Add to a prediction what carried it; `enough` says that no more of this body is explained."""
    why = None if limit_reached else model.explain(text)
    prediction["terms"] = [{"term": each.term, "weight": each.weight} for each in why.terms] if why else None
    prediction["margin"] = why.margin if why else None
    prediction["runner_up"] = why.runner_up if why else None
    if limit_reached:
        prediction["note"] = _EXPLANATION_LIMIT_NOTE


def _predict_features(model: Model, body: Features) -> RowPrediction | RowPredictions:
    if model.kind == "text":
        told = (
            f"No tabular model is mounted here: {model.card.title} reads texts. Whoever runs this Chorus can mount one with CHORUS_MODEL."
        )
        raise InvalidPayload([("features", told)])
    given: Any = body.features
    many = isinstance(given[0], list)
    rows: list[list[float]] = given if many else [given]
    found = _predict_rows(model, rows, body, "features[{}]" if many else "features")
    return {"predictions": found, "model": model.card.title} if many else found[0]


def _predict_instance_rows(model: Model, instances: Sequence[Any], options: RequestBody) -> RowPredictions:
    """Return what a tabular model says of instances that are rows, as Vertex AI has it."""
    if model.kind == "text":
        told = f"The model here, {model.card.title}, reads texts; this is a list."
        raise InvalidPayload([(f"instances[{at}]", told) for at, each in enumerate(instances) if isinstance(each, list)])
    if texts := [at for at, each in enumerate(instances) if not isinstance(each, list)]:
        raise InvalidPayload([(f"instances[{at}]", "The others are rows of numbers; this is none.") for at in texts])
    return {"predictions": _predict_rows(model, instances, options, "instances[{}]")}


def _predict_rows(model: TabularModel, rows: Sequence[Sequence[float]], options: RequestBody, path_template: str) -> list[RowPrediction]:
    """Return what a model says of rows; `place` is the path of each, with its number in it."""
    _check_feature_count(model, rows, path_template)
    try:
        told = model.predict(rows)
    except InvalidPayload as error:
        raise InvalidPayload([(path_template.format(path.strip("[]")), message) for path, message in error.problems]) from None
    found: list[RowPrediction] = [{"prediction": label, "confidence": chance} for label, chance in told]
    return [{**each, "terms": None} for each in found] if options.explain else found


def _check_feature_count(model: TabularModel, rows: Sequence[Sequence[float]], path_template: str) -> None:
    width = model.card.feature_count
    wrong = [(at, len(row)) for at, row in enumerate(rows) if width not in (None, len(row))]
    told = f"{model.card.title} takes rows of {width} numbers"
    if wrong:
        raise InvalidPayload([(path_template.format(at), f"{told}; this row has {count:,}.") for at, count in wrong])
