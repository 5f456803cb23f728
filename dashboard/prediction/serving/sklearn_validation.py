"""Whether trees and sparse tables that were read from a file hold together.

scikit-learn follows their branches without looking whether there is a next node, so a forged file could crash the process. skops
therefore leaves these types to whoever loads them.
"""

from collections.abc import Iterator
from types import ModuleType
from typing import Any

import numpy as np

VALIDATED_TYPES = frozenset(
    {
        "scipy.sparse._csr.csr_array",
        "scipy.sparse._csr.csr_matrix",
        "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
        "sklearn.neighbors._ball_tree.BallTree",
        "sklearn.neighbors._kd_tree.KDTree",
        "sklearn.tree._tree.Tree",
    }
)


class InvalidEstimatorStructure(Exception):
    """A tree, or a table, leads out of itself."""


def validate_estimator(estimator: Any) -> Any:
    """Return an estimator all of whose trees hold together, those of neighbours grown anew. Raises Unsound."""
    for part in list(_walk_parts(estimator, set())):
        name = f"{type(part).__module__}.{type(part).__name__}"
        if not _has_consistent_feature_counts(part):
            raise InvalidEstimatorStructure
        if name.endswith("_tree.Tree"):
            _check_tree(part.feature, part.children_left, part.children_right, part.children_left == -1, part.n_features)
        elif name.startswith("scipy.sparse._csr."):
            _check_sparse_matrix(part)
        elif name.endswith(".TreePredictor"):
            _check_categorical_splits(part)
        elif hasattr(part, "effective_metric_") and getattr(part, "_tree", None) is not None:
            part._tree = type(part._tree)(
                part._fit_X, part.leaf_size, metric=part.effective_metric_, **(part.effective_metric_params_ or {})
            )
    return estimator


def _has_consistent_feature_counts(part: Any) -> bool:
    """Say whether an estimator and its trees are of equally many columns, where they are used without looking again."""
    width, module = getattr(part, "n_features_in_", None), type(part).__module__
    if module.startswith("sklearn.tree.") and hasattr(part, "tree_"):
        return bool(part.tree_.n_features == width)
    if module in ("sklearn.ensemble._forest", "sklearn.ensemble._gb") and hasattr(part, "estimators_"):
        return all(each.n_features_in_ == width for each in np.asarray(part.estimators_, dtype=object).ravel())
    if hasattr(part, "_predictors") and width is not None:
        for each in (tree for stage in part._predictors for tree in stage):
            nodes = each.nodes
            _check_tree(nodes["feature_idx"], nodes["left"], nodes["right"], nodes["is_leaf"] != 0, width)
    return True


def _walk_parts(root: Any, visited_ids: set[int]) -> Iterator[Any]:
    """Yield an object and everything it is made of, each once."""
    waiting = [root]
    while waiting:
        part = waiting.pop()
        if id(part) in visited_ids or isinstance(part, str | bytes | int | float | type | ModuleType):
            continue
        visited_ids.add(id(part))
        yield part
        if isinstance(part, np.ndarray):
            waiting += part.ravel().tolist() if part.dtype == object else []
        elif isinstance(part, dict):
            waiting += part.values()
        elif isinstance(part, list | tuple | set):
            waiting += part
        else:
            waiting += getattr(part, "__dict__", {}).values()


def _check_tree(feature_indices: Any, left_children: Any, right_children: Any, is_leaf: Any, feature_count: int) -> None:
    """Refuse a branch that does not lead onward within the tree, or looks at a number that no row has."""
    inner = np.flatnonzero(~np.asarray(is_leaf, dtype=bool))
    for child in (np.asarray(left_children)[inner].astype(np.int64), np.asarray(right_children)[inner].astype(np.int64)):
        if np.any(child <= inner) or np.any(child >= len(is_leaf)):
            raise InvalidEstimatorStructure
    asked = np.asarray(feature_indices)[inner].astype(np.int64)
    if len(is_leaf) == 0 or np.any(asked < 0) or np.any(asked >= feature_count):
        raise InvalidEstimatorStructure


def _check_sparse_matrix(matrix: Any) -> None:
    try:
        matrix.check_format(full_check=True)
    except ValueError:
        raise InvalidEstimatorStructure from None


def _check_categorical_splits(predictor: Any) -> None:
    """Refuse a split by category that points beyond the listed ones."""
    nodes = predictor.nodes
    asked = nodes["bitset_idx"][(nodes["is_leaf"] == 0) & (nodes["is_categorical"] != 0)]
    if np.any(asked >= min(len(predictor.raw_left_cat_bitsets), len(predictor.binned_left_cat_bitsets))):
        raise InvalidEstimatorStructure
