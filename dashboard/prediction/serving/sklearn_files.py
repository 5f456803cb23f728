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
from dashboard.prediction.serving import sklearn_validation

_log = logging.getLogger(__name__)
INSTALL = "In the folder of Chorus, install them with: .venv/bin/pip install -e '.[models]'"
_MOST_NAMED = 5  # types in a message
_ZIP = b"PK\x03\x04"  # how a zip begins that NumPy takes for one
KNOWN = frozenset(  # harmless types of scikit-learn that skops leaves to us; those of `sound` are looked through after loading
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


def from_skops(path: Path, most: int) -> Any:
    """Return what a skops file holds; no code of it runs. Raises ModelUnavailable, which names the types that are not known."""
    _check_zip(path, most)
    with _explained(path):
        import skops.io

        wanted = skops.io.get_untrusted_types(file=path)
        unknown = [name for name in wanted if name not in KNOWN | sklearn_validation.CHECKED]
        if unknown:
            told = ", ".join(unknown[:_MOST_NAMED]) + (f" and {len(unknown) - _MOST_NAMED} more" if unknown[_MOST_NAMED:] else "")
            raise ModelUnavailable(f"{path.name} holds types that are not known to be safe: {told}.", _PLAIN_PARTS)
        found = skops.io.load(path, trusted=wanted)
    with _damaged(path):
        return sklearn_validation.checked(found)


_PLAIN_PARTS = "Build the pipeline of the usual parts of scikit-learn, or save it as a pickle and trust it with CHORUS_MODEL_TRUSTED=1."


def unpickled(path: Path) -> Any:
    """Return what a file of joblib or pickle holds, whatever code that runs. Raises ModelUnavailable."""
    with _explained(path):
        import joblib

        return joblib.load(path)


def _check_zip(path: Path, most: int) -> None:
    """Refuse what is damaged, no skops file, or unpacks to more than `most` bytes."""
    with _damaged(path), zipfile.ZipFile(path) as packed:
        entries = packed.infolist()
        size = sum(entry.file_size for entry in entries)
        if size <= most:
            size += sum(_inside(packed, entry) for entry in entries)
    if "schema.json" not in {entry.filename for entry in entries}:
        raise ModelUnavailable(
            f"{path.name} is a zip, but no model: a file of skops has a schema.json.", "Save the model with skops.io.dump."
        )
    if size > most:
        raise ModelUnavailable(f"{path.name} unpacks to more than {most // 2**20} MiB, the most a model may have.", "Train a smaller one.")


def _inside(packed: zipfile.ZipFile, entry: zipfile.ZipInfo) -> int:
    """Return what an entry unpacks to that is a zip itself, as sparse tables are; 0 for others."""
    with packed.open(entry) as file:
        if file.read(len(_ZIP)) != _ZIP:
            return 0
    with zipfile.ZipFile(io.BytesIO(packed.read(entry))) as inner:
        return sum(each.file_size for each in inner.infolist())


@contextmanager
def _damaged(path: Path) -> Iterator[None]:
    try:
        yield
    except (zipfile.BadZipFile, zlib.error, EOFError, sklearn_validation.Unsound):
        raise ModelUnavailable(f"{path.name} is damaged or cut off.", "Copy or save it again.") from None


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    """Say what went wrong while loading, and log what scikit-learn warns of."""
    try:
        with warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            yield
    except ModelUnavailable:
        raise
    except ModuleNotFoundError as error:
        raise _lacking(path, error.name or "") from None
    except (EOFError, zipfile.BadZipFile, zlib.error):
        raise ModelUnavailable(f"{path.name} is damaged or cut off.", "Copy or save it again.") from None
    except Exception as error:
        _log.exception("loading %s failed", path.name)
        told = f"{path.name} can't be loaded ({type(error).__name__}): it is damaged, or of a version that {_versions()} can't read."
        raise ModelUnavailable(told, "Save it anew with these versions; the log says more.") from None
    for each in sorted({" ".join(str(warning.message).split()) for warning in warned if issubclass(warning.category, UserWarning)}):
        _log.warning("%s: %s", path.name, each)


def _lacking(path: Path, module: str) -> ModelUnavailable:
    package = module.split(".")[0]
    if package in ("sklearn", "skops", "joblib", "scipy", ""):
        return ModelUnavailable(f"{path.name} needs scikit-learn and skops, which are not installed here.", INSTALL)
    name = re.sub(r"\W", "", package)[:40]
    return ModelUnavailable(f"{path.name} needs the Python module {name}, which is not installed here.", "Install it beside Chorus.")


def _versions() -> str:
    return " and ".join(f"{name} {importlib.metadata.version(name)}" for name in ("scikit-learn", "skops"))
