"""Softmax and its logarithm, for every model that turns scores into probabilities.

Pure arithmetic: nothing about models, labels or calibration goes here.
"""

from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]


def softmax(logits: Array) -> Array:
    """Return the probabilities of each row of logits: the same shape and type, each row adding up to 1."""
    exponentials = np.exp(logits - np.maximum.reduce(logits, axis=1, keepdims=True))
    return np.asarray(exponentials / np.add.reduce(exponentials, axis=1, keepdims=True))


def log_softmax(logits: Array) -> Array:
    """Return the natural logarithm of the probabilities of each row of logits, without overflow or log(0)."""
    shifted = logits - np.maximum.reduce(logits, axis=1, keepdims=True)
    return np.asarray(shifted - np.log(np.add.reduce(np.exp(shifted), axis=1, keepdims=True)))
