"""A usual model server to compare with: FastAPI and a scikit-learn pipeline that joblib has saved. MODEL names the file."""

import os
from typing import Any

import joblib
from fastapi import FastAPI
from pydantic import BaseModel

app = FastAPI()
model: Any = joblib.load(os.environ["MODEL"])


class Text(BaseModel):
    """One text to classify."""

    text: str


class Answer(BaseModel):
    """The label of a text and its probability."""

    prediction: str
    confidence: float


@app.get("/health")
def health() -> dict[str, str]:
    """Return that the server runs."""
    return {"status": "healthy"}


@app.post("/predict", response_model=Answer)
def predict(body: Text) -> Answer:
    """Classify a text. The label and the probabilities are asked for separately, as most such servers do."""
    return Answer(prediction=str(model.predict([body.text])[0]), confidence=float(model.predict_proba([body.text]).max()))
