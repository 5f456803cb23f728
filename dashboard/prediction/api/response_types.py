"""The types of the responses of `/predict` and `/model`; the OpenAPI document is generated from them.

How a response is built is in `predict_response.py`.
"""

from typing import Annotated, Any, Literal, NotRequired

from pydantic import Field, with_config
from typing_extensions import TypedDict

from dashboard.prediction.language_scores import LanguageScores
from dashboard.prediction.protocols import Label

Probability = Annotated[float, Field(ge=0, le=1)]
_ModelTitle = Annotated[str, Field(examples=["chorus-sentiment 1"])]
_PredictedLabel = Annotated[Label, Field(examples=["positive"])]
_LabelProbabilities = Annotated[dict[str, Probability], Field(examples=[{"negative": 0.02, "neutral": 0.05, "positive": 0.93}])]


class Weight(TypedDict):
    """A piece of the text and its contribution to the margin. A negative weight favours the runner-up."""

    term: str
    weight: float


@with_config(extra="forbid")
class Prediction(TypedDict):
    """The prediction for one text.

    `model` is the name and version of the model that read the text. `language` is present if the request set it, or if the text is clearly
    not in English; then `read` says whether a model on this server reads that language. If none does, the English model's prediction means
    little. `read` is absent if the server's own model file was replaced, because nobody knows which languages that one reads. With
    `explain`, the weights of `terms` add up to `margin`, the natural log of p(prediction) / p(runner_up). All three are null if the model
    can't explain its predictions, or if the text comes after the part of a body that is explained; then `note` says so.
    `note` also says if the text is empty, if no model reads its language, or if the label is too uncertain in a language that is read
    roughly.
    """

    prediction: _PredictedLabel
    confidence: Annotated[Probability, Field(examples=[0.93])]
    probabilities: _LabelProbabilities
    model: _ModelTitle
    language: NotRequired[str]
    read: NotRequired[bool]
    terms: NotRequired[list[Weight] | None]
    margin: NotRequired[float | None]
    runner_up: NotRequired[Label | None]
    note: NotRequired[str]


@with_config(extra="forbid")
class Predictions(TypedDict):
    """A prediction for each text, in order. As in Vertex AI's format, `model` is absent if the request had `instances`."""

    predictions: list[Prediction]
    model: NotRequired[_ModelTitle]


@with_config(extra="forbid")
class RowPrediction(TypedDict):
    """The predicted class of a row and its probability, which is null if the model has no probabilities.

    With `explain`, `terms` is null, because tabular models can't be explained.
    """

    prediction: Annotated[Label, Field(examples=[0.0])]
    confidence: Annotated[Probability | None, Field(examples=[0.97])]
    terms: NotRequired[None]


@with_config(extra="forbid")
class RowPredictions(TypedDict):
    """A prediction for each row, in order. As in Vertex AI's format, `model` is absent if the request had `instances`."""

    predictions: list[RowPrediction]
    model: NotRequired[_ModelTitle]


class Served(TypedDict):
    """The details of the served model.

    `takes` lists the keys that `/predict` accepts for it. `width` is how many numbers a row has, null for a text model. `digest` is the
    SHA-256 of the model file. `lexicons` has the SHA-256 of each word list that the other sentiment methods use. `languages` says how well
    each language other than English is read, on the data set that is read worst, and `language_datasets` how well on every data set; both
    are absent if the server's own model file was replaced.
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
    languages: NotRequired[dict[str, LanguageScores]]
    language_datasets: NotRequired[dict[str, list[LanguageScores]]]


PredictResponse = Prediction | Predictions | RowPrediction | RowPredictions
