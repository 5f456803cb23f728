"""The optimizer that trains the networks: Adam (Kingma and Ba 2015).

It knows nothing about what the parameters are for, except that `own` are embeddings, of which a batch contains only some.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from dashboard.prediction.classifier.vocabulary import Array

_BETA_1, _BETA_2, _EPSILON = 0.9, 0.999, 1e-8  # as in the paper


class Adam:
    """The optimizer (Kingma and Ba 2015), which updates only the embeddings that a batch contains."""

    def __init__(self, parameters: Mapping[str, Array]) -> None:
        """Start with moments of zero."""
        self._first_moments = {name: np.zeros_like(parameter) for name, parameter in parameters.items()}
        self._second_moments = {name: np.zeros_like(parameter) for name, parameter in parameters.items()}
        self._step_count = 0

    def step(self, parameters: dict[str, Array], gradients: Mapping[str, Array], embedding_rows: Array, learning_rate: float) -> None:
        """Update the parameters in place. The gradient of `own` has one row per row of `embedding_rows`."""
        self._step_count += 1
        step_size = np.float32(learning_rate * (1 - _BETA_2**self._step_count) ** 0.5 / (1 - _BETA_1**self._step_count))
        for name, gradient in gradients.items():
            rows: Any = embedding_rows if name == "own" else slice(None)
            first = self._first_moments[name][rows] * np.float32(_BETA_1) + gradient * np.float32(1 - _BETA_1)
            second = self._second_moments[name][rows] * np.float32(_BETA_2) + gradient**2 * np.float32(1 - _BETA_2)
            self._first_moments[name][rows], self._second_moments[name][rows] = first, second
            parameters[name][rows] -= step_size * first / (np.sqrt(second) + np.float32(_EPSILON))
