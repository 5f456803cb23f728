"""Reading skops, joblib and pickle files. Needs the `models` extra, so nothing that works without it goes here."""

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
from dashboard.core.formatting.texts import format_list
from dashboard.prediction.serving import sklearn_validation

_log = logging.getLogger(__name__)
INSTALL_ADVICE = "Install them in the Chorus folder with: .venv/bin/pip install -e '.[models]'"
_MAX_LISTED_TYPES = 5  # in a message
_ZIP_MAGIC = b"PK\x03\x04"  # the first bytes by which NumPy recognizes a zip
SAFE_TYPES = frozenset(  # harmless scikit-learn types that skops doesn't trust by itself; VALIDATED_TYPES are checked after loading
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
_UNSAFE_TYPES_ADVICE = (
    "Use only scikit-learn's own classes in the pipeline, or save it as a pickle and trust it with CHORUS_MODEL_TRUSTED=1."
)


def load_skops(path: Path, max_bytes: int) -> Any:
    """Return the object in a skops file without running any of its code. Raises ModelUnavailable, also for types not known to be safe."""
    _check_archive(path, max_bytes)
    with _reporting_load_errors(path):
        import skops.io

        untrusted = skops.io.get_untrusted_types(file=path)
        unknown = [name for name in untrusted if name not in SAFE_TYPES | sklearn_validation.VALIDATED_TYPES]
        if unknown:
            names = format_list(unknown[:_MAX_LISTED_TYPES], total=len(unknown))
            raise ModelUnavailable(f"{path.name} holds types that aren't known to be safe: {names}.", _UNSAFE_TYPES_ADVICE)
        estimator = skops.io.load(path, trusted=untrusted)
    with _reporting_damage(path):
        return sklearn_validation.validate_estimator(estimator)


def load_pickle(path: Path) -> Any:
    """Return the object in a joblib or pickle file, running any code it contains. Raises ModelUnavailable."""
    with _reporting_load_errors(path):
        import joblib

        return joblib.load(path)


def _check_archive(path: Path, max_bytes: int) -> None:
    """Raise ModelUnavailable if a zip is damaged, isn't a skops file, or unpacks to more than `max_bytes`."""
    with _reporting_damage(path), zipfile.ZipFile(path) as archive:
        entries = archive.infolist()
        size = sum(entry.file_size for entry in entries)
        if size <= max_bytes:
            size += sum(_nested_archive_bytes(archive, entry) for entry in entries)
    if "schema.json" not in {entry.filename for entry in entries}:
        raise ModelUnavailable(
            f"{path.name} is a zip file, but not a skops model: it has no schema.json.", "Save the model with skops.io.dump."
        )
    if size > max_bytes:
        raise ModelUnavailable(
            f"{path.name} unpacks to more than {max_bytes // 2**20} MiB, the limit for a model.", "Train a smaller model."
        )


def _nested_archive_bytes(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> int:
    """Return the unpacked size of an entry that is itself a zip, as sparse matrices are, and 0 for other entries."""
    with archive.open(entry) as file:
        if file.read(len(_ZIP_MAGIC)) != _ZIP_MAGIC:
            return 0
    with zipfile.ZipFile(io.BytesIO(archive.read(entry))) as inner:
        return sum(member.file_size for member in inner.infolist())


@contextmanager
def _reporting_damage(path: Path) -> Iterator[None]:
    try:
        yield
    except (zipfile.BadZipFile, zlib.error, EOFError, sklearn_validation.InvalidEstimatorStructure):
        raise ModelUnavailable(f"{path.name} is damaged or incomplete.", "Copy the file again, or save the model again.") from None


@contextmanager
def _reporting_load_errors(path: Path) -> Iterator[None]:
    """Turn errors while loading into ModelUnavailable, and log the warnings of scikit-learn."""
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            yield
    except ModelUnavailable:
        raise
    except ModuleNotFoundError as error:
        raise _missing_module_error(path, error.name or "") from None
    except (EOFError, zipfile.BadZipFile, zlib.error):
        raise ModelUnavailable(f"{path.name} is damaged or incomplete.", "Copy the file again, or save the model again.") from None
    except Exception as error:  # what unpickling raises depends on the classes in the file
        _log.exception("loading %s failed", path.name)
        reason = f"it is damaged, or was saved by a version that {_format_installed_versions()} can't read"
        raise ModelUnavailable(
            f"{path.name} can't be loaded ({type(error).__name__}): {reason}.",
            "Save it again with these versions. The server's log has the details.",
        ) from None
    for message in sorted({" ".join(str(warning.message).split()) for warning in caught if issubclass(warning.category, UserWarning)}):
        _log.warning("%s: %s", path.name, message)


def _missing_module_error(path: Path, module_name: str) -> ModelUnavailable:
    package = module_name.split(".")[0]
    if package in ("sklearn", "skops", "joblib", "scipy", ""):
        return ModelUnavailable(f"{path.name} needs scikit-learn and skops, which aren't installed.", INSTALL_ADVICE)
    name = re.sub(r"\W", "", package)[:40]
    return ModelUnavailable(
        f"{path.name} needs the Python module {name}, which isn't installed.", "Install it in the environment of Chorus."
    )


def _format_installed_versions() -> str:
    return format_list([f"{name} {importlib.metadata.version(name)}" for name in ("scikit-learn", "skops")])
