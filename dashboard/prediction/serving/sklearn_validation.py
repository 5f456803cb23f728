"""Checking trees and sparse matrices that were read from a file. Reading files doesn't go here.

scikit-learn follows the branches of a tree without bounds checks, so a forged file could crash the process. That's why skops doesn't
trust these types by itself.
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
    """A tree or sparse matrix has indices outside its bounds."""


def validate_estimator(estimator: Any) -> Any:
    """Return an estimator after checking its trees and rebuilding those of nearest neighbours. Raises InvalidEstimatorStructure."""
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
    """Return whether an estimator and its trees have the same number of columns, which scikit-learn doesn't check again."""
    feature_count, module = getattr(part, "n_features_in_", None), type(part).__module__
    if module.startswith("sklearn.tree.") and hasattr(part, "tree_"):
        return bool(part.tree_.n_features == feature_count)
    if module in ("sklearn.ensemble._forest", "sklearn.ensemble._gb") and hasattr(part, "estimators_"):
        return all(tree.n_features_in_ == feature_count for tree in np.asarray(part.estimators_, dtype=object).ravel())
    if hasattr(part, "_predictors") and feature_count is not None:
        for nodes in (tree.nodes for stage in part._predictors for tree in stage):
            _check_tree(nodes["feature_idx"], nodes["left"], nodes["right"], nodes["is_leaf"] != 0, feature_count)
    return True


def _walk_parts(root: Any, visited_ids: set[int]) -> Iterator[Any]:
    """Yield an object and everything it consists of, once each."""
    pending = [root]
    while pending:
        part = pending.pop()
        if id(part) in visited_ids or isinstance(part, str | bytes | int | float | type | ModuleType):
            continue
        visited_ids.add(id(part))
        yield part
        if isinstance(part, np.ndarray):
            pending += part.ravel().tolist() if part.dtype == object else []
        elif isinstance(part, dict):
            pending += part.values()
        elif isinstance(part, list | tuple | set):
            pending += part
        else:
            pending += getattr(part, "__dict__", {}).values()


def _check_tree(feature_indices: Any, left_children: Any, right_children: Any, is_leaf: Any, feature_count: int) -> None:
    """Raise if a branch doesn't lead to a later node of the tree, or tests a feature that rows don't have."""
    branches = np.flatnonzero(~np.asarray(is_leaf, dtype=bool))
    for child in (np.asarray(left_children)[branches].astype(np.int64), np.asarray(right_children)[branches].astype(np.int64)):
        if np.any(child <= branches) or np.any(child >= len(is_leaf)):
            raise InvalidEstimatorStructure
    features = np.asarray(feature_indices)[branches].astype(np.int64)
    if len(is_leaf) == 0 or np.any(features < 0) or np.any(features >= feature_count):
        raise InvalidEstimatorStructure


def _check_sparse_matrix(matrix: Any) -> None:
    try:
        matrix.check_format(full_check=True)
    except ValueError:
        raise InvalidEstimatorStructure from None


def _check_categorical_splits(predictor: Any) -> None:
    """Raise if a categorical split refers to a bitset that doesn't exist."""
    nodes = predictor.nodes
    bitset_indices = nodes["bitset_idx"][(nodes["is_leaf"] == 0) & (nodes["is_categorical"] != 0)]
    if np.any(bitset_indices >= min(len(predictor.raw_left_cat_bitsets), len(predictor.binned_left_cat_bitsets))):
        raise InvalidEstimatorStructure
