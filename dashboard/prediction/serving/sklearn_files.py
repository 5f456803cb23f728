"""What scikit-learn's users save, read back as the object it was. Needs the `models` extra, and nothing else here does."""

import importlib.metadata
import io
import logging
import re
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from dashboard.core.errors import ModelUnavailable
from dashboard.core.formatting import format_list
from dashboard.prediction.serving import sklearn_validation

_log = logging.getLogger(__name__)
INSTALL_ADVICE = "In the folder of Chorus, install them with: .venv/bin/pip install -e '.[models]'"
_MAX_LISTED_TYPES = 5  # types in a message
_ZIP_MAGIC = b"PK\x03\x04"  # how a zip begins that NumPy takes for one
SAFE_TYPES = frozenset(  # harmless types of scikit-learn that skops leaves to us; those of `sound` are looked through after loading
    {
        "numpy.dtype",
        "sklearn.calibration._CalibratedClassifier",
        "sklearn.calibration._SigmoidCalibration",
        "sklearn.calibration._TemperatureScaling",
        "sklearn.feature_selection._univariate_selection.chi2",
        "sklearn.feature_selection._univariate_selection.f_classif",
        "sklearn.metrics._scorer._PassthroughScorer",
        "sklearn.model_selection._split.KFold",
        "sklearn.model_selection._split.StratifiedKFold",
        "sklearn.neural_network._stochastic_optimizers.AdamOptimizer",
        "sklearn.neural_network._stochastic_optimizers.SGDOptimizer",
        "sklearn.utils._bunch.Bunch",
        *(f"sklearn.metrics._dist_metrics.{name}Distance64" for name in ("Chebyshev", "Euclidean", "Manhattan", "Minkowski")),
    }
)


def load_skops(path: Path, max_bytes: int) -> Any:
    """Return what a skops file holds; no code of it runs. Raises ModelUnavailable, which names the types that are not known."""
    _check_archive(path, max_bytes)
    with _reporting_load_errors(path):
        import skops.io

        wanted = skops.io.get_untrusted_types(file=path)
        unknown = [name for name in wanted if name not in SAFE_TYPES | sklearn_validation.VALIDATED_TYPES]
        if unknown:
            told = format_list(unknown[:_MAX_LISTED_TYPES], total=len(unknown))
            raise ModelUnavailable(f"{path.name} holds types that are not known to be safe: {told}.", _UNSAFE_TYPES_ADVICE)
        found = skops.io.load(path, trusted=wanted)
    with _reporting_damage(path):
        return sklearn_validation.validate_estimator(found)


_UNSAFE_TYPES_ADVICE = (
    "Build the pipeline of the usual parts of scikit-learn, or save it as a pickle and trust it with CHORUS_MODEL_TRUSTED=1."
)


def load_pickle(path: Path) -> Any:
    """Return what a file of joblib or pickle holds, whatever code that runs. Raises ModelUnavailable."""
    with _reporting_load_errors(path):
        import joblib

        return joblib.load(path)


def _check_archive(path: Path, max_bytes: int) -> None:
    """Refuse what is damaged, no skops file, or unpacks to more than `most` bytes."""
    with _reporting_damage(path), zipfile.ZipFile(path) as packed:
        entries = packed.infolist()
        size = sum(entry.file_size for entry in entries)
        if size <= max_bytes:
            size += sum(_nested_archive_bytes(packed, entry) for entry in entries)
    if "schema.json" not in {entry.filename for entry in entries}:
        raise ModelUnavailable(
            f"{path.name} is a zip, but no model: a file of skops has a schema.json.", "Save the model with skops.io.dump."
        )
    if size > max_bytes:
        raise ModelUnavailable(
            f"{path.name} unpacks to more than {max_bytes // 2**20} MiB, the most a model may have.", "Train a smaller one."
        )


def _nested_archive_bytes(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> int:
    """Return what an entry unpacks to that is a zip itself, as sparse tables are; 0 for others."""
    with archive.open(entry) as file:
        if file.read(len(_ZIP_MAGIC)) != _ZIP_MAGIC:
            return 0
    with zipfile.ZipFile(io.BytesIO(archive.read(entry))) as inner:
        return sum(each.file_size for each in inner.infolist())


@contextmanager
def _reporting_damage(path: Path) -> Iterator[None]:
    try:
        yield
    except (zipfile.BadZipFile, zlib.error, EOFError, sklearn_validation.InvalidEstimatorStructure):
        raise ModelUnavailable(f"{path.name} is damaged or cut off.", "Copy or save it again.") from None


@contextmanager
def _reporting_load_errors(path: Path) -> Iterator[None]:
    """Say what went wrong while loading, and log what scikit-learn warns of."""
    try:
        with warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            yield
    except ModelUnavailable:
        raise
    except ModuleNotFoundError as error:
        raise _missing_module_error(path, error.name or "") from None
    except (EOFError, zipfile.BadZipFile, zlib.error):
        raise ModelUnavailable(f"{path.name} is damaged or cut off.", "Copy or save it again.") from None
    except Exception as error:
        _log.exception("loading %s failed", path.name)
        reason = f"it is damaged, or of a version that {_format_installed_versions()} can't read"
        raise ModelUnavailable(
            f"{path.name} can't be loaded ({type(error).__name__}): {reason}.", "Save it anew with these versions; the log says more."
        ) from None
    for each in sorted({" ".join(str(warning.message).split()) for warning in warned if issubclass(warning.category, UserWarning)}):
        _log.warning("%s: %s", path.name, each)


def _missing_module_error(path: Path, module_name: str) -> ModelUnavailable:
    package = module_name.split(".")[0]
    if package in ("sklearn", "skops", "joblib", "scipy", ""):
        return ModelUnavailable(f"{path.name} needs scikit-learn and skops, which are not installed here.", INSTALL_ADVICE)
    name = re.sub(r"\W", "", package)[:40]
    return ModelUnavailable(f"{path.name} needs the Python module {name}, which is not installed here.", "Install it beside Chorus.")


def _format_installed_versions() -> str:
    return format_list([f"{name} {importlib.metadata.version(name)}" for name in ("scikit-learn", "skops")])
