"""A model file, whoever wrote it, as a model to serve; its first bytes tell what it is. Any failure is ModelUnavailable, in a sentence."""

import hashlib
import logging
from pathlib import Path

from dashboard.core.errors import ModelUnavailable
from dashboard.prediction.classifier import model_file
from dashboard.prediction.protocols import Model

_log = logging.getLogger(__name__)
MAX_BYTES = 512 * 2**20  # of a file that others wrote; `artefact` has the bound of ours
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
)  # as joblib compresses
_TRUST_ADVICE = "CHORUS_MODEL_TRUSTED=1 allows it if you made the file yourself; better save the pipeline with skops.io.dump."
_FORMAT_ADVICE = (
    "CHORUS_MODEL takes a file that `chorus train` wrote, a scikit-learn pipeline saved with skops, or, if trusted, by joblib or pickle."
)


def load_model(path: Path, trusted: bool) -> Model:
    """Return the model of a file; it has predicted once. `trusted` lets pickles run the code they hold. Raises ModelUnavailable."""
    start = _read_magic(path)
    if start.startswith(model_file.MAGIC):
        from dashboard.prediction.classifier import classifier

        return classifier.load_classifier(path)
    if start.startswith(_ZIP_MAGIC):
        return _load_sklearn_model(path, is_pickle=False)
    if not start.startswith(_PICKLE_MAGIC + _COMPRESSION_MAGIC):
        raise ModelUnavailable(f"{path.name} is no model file.", _FORMAT_ADVICE)
    if not trusted:
        raise ModelUnavailable(f"{path.name} looks like a pickle or joblib file, which runs code when it is loaded.", _TRUST_ADVICE)
    _log.warning("CHORUS_MODEL_TRUSTED=1: whatever code %s holds runs now", path.name)
    return _load_sklearn_model(path, is_pickle=True)


def _load_sklearn_model(path: Path, is_pickle: bool) -> Model:
    from dashboard.prediction.serving import sklearn_adapter, sklearn_files

    found = sklearn_files.load_pickle(path) if is_pickle else sklearn_files.load_skops(path, MAX_BYTES)
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return sklearn_adapter.wrap_estimator(found, path.name.removesuffix(path.suffix), digest)


def _read_magic(path: Path) -> bytes:
    """Return the first bytes of a file that is there and not too large."""
    try:
        if not path.is_file():
            told = "is a folder, not a file" if path.is_dir() else "is no file" if path.exists() else "is not there"
            raise ModelUnavailable(f"The model {path.name} {told}.", "Check CHORUS_MODEL, and that the volume is mounted.")
        if path.stat().st_size > MAX_BYTES:
            raise ModelUnavailable(
                f"{path.name} is larger than {MAX_BYTES // 2**20} MiB, the most a model may have.", "Train a smaller one."
            )
        with path.open("rb") as file:
            start = file.read(16)
    except OSError as problem:
        told = f"{path.name} can't be read: {problem.strerror}."
        raise ModelUnavailable(told, "Check CHORUS_MODEL, and that Chorus may read the file.") from None
    if not start:
        raise ModelUnavailable(f"{path.name} is empty.", "Copy it again.")
    return start
