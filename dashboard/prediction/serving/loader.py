"""Loading a model file of any supported format, which its first bytes identify. Every failure is a ModelUnavailable with the reason.

Only choosing the format goes here; reading it is the business of `classifier/` and `sklearn_files.py`.
"""

import hashlib
import logging
from pathlib import Path

from dashboard.core.errors import ModelUnavailable
from dashboard.prediction.classifier import model_file
from dashboard.prediction.protocols import Model

_log = logging.getLogger(__name__)
MAX_BYTES = 512 * 2**20  # of a scikit-learn file; model_file.py has the limit of Chorus's own format
_ZIP_MAGIC = (b"PK\x03\x04", b"PK\x05\x06")
_PICKLE_MAGIC = (b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05")
_COMPRESSION_MAGIC = (
    b"x\x01",
    b"x^",
    b"x\x9c",
    b"x\xda",
    b"\x1f\x8b",
    b"BZh",
    b"\xfd7zXZ\0",
    b"]\0\0",
    b"\x04\x22\x4d\x18",
)  # the compression formats of joblib
_TRUST_ADVICE = "If you made the file yourself, set CHORUS_MODEL_TRUSTED=1. Saving the pipeline with skops.io.dump is safer."
_FORMAT_ADVICE = (
    "Set CHORUS_MODEL to a file that `chorus train` wrote, or to a scikit-learn pipeline saved with skops or, if trusted, joblib or pickle."
)


def load_model(path: Path, trusted: bool) -> Model:
    """Return the model in a file, after one prediction. `trusted` lets pickles run the code they contain. Raises ModelUnavailable."""
    magic = _read_magic(path)
    if magic.startswith(model_file.MAGIC):
        from dashboard.prediction.classifier import classifier

        return classifier.load_classifier(path)
    if magic.startswith(_ZIP_MAGIC):
        return _load_sklearn_model(path, is_pickle=False)
    if not magic.startswith(_PICKLE_MAGIC + _COMPRESSION_MAGIC):
        raise ModelUnavailable(f"{path.name} isn't a model file.", _FORMAT_ADVICE)
    if not trusted:
        raise ModelUnavailable(f"{path.name} looks like a pickle or joblib file, which can run code when it is loaded.", _TRUST_ADVICE)
    _log.warning("CHORUS_MODEL_TRUSTED=1: loading %s runs any code that it contains", path.name)
    return _load_sklearn_model(path, is_pickle=True)


def _load_sklearn_model(path: Path, is_pickle: bool) -> Model:
    from dashboard.prediction.serving import sklearn_adapter, sklearn_files

    estimator = sklearn_files.load_pickle(path) if is_pickle else sklearn_files.load_skops(path, MAX_BYTES)
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return sklearn_adapter.wrap_estimator(estimator, path.name.removesuffix(path.suffix), digest)


def _read_magic(path: Path) -> bytes:
    """Return the first bytes of a file. Raises ModelUnavailable if it doesn't exist, is empty, too large or unreadable."""
    try:
        if not path.is_file():
            fault = "is a folder, not a file" if path.is_dir() else "isn't a regular file" if path.exists() else "doesn't exist"
            raise ModelUnavailable(f"The model {path.name} {fault}.", "Check CHORUS_MODEL and that its volume is mounted.")
        if path.stat().st_size > MAX_BYTES:
            raise ModelUnavailable(f"{path.name} is larger than {MAX_BYTES // 2**20} MiB, the limit for a model.", "Train a smaller model.")
        with path.open("rb") as file:
            magic = file.read(16)
    except OSError as error:
        detail = f"{path.name} can't be read: {error.strerror}."
        raise ModelUnavailable(detail, "Check CHORUS_MODEL and the file's permissions.") from None
    if not magic:
        raise ModelUnavailable(f"{path.name} is empty.", "Copy the file again.")
    return magic
