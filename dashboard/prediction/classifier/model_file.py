"""Reading and writing model files: named arrays and metadata, with a checksum and a version, and nothing that runs.

What the arrays mean is the classifier's business, not this module's.

A file begins with three lines: `CHORUS-MODEL 1`, the SHA-256 of everything after the second line, and the length of the header. Then come
the header as JSON (`facts`, and the name, type, shape and compressed length of each array) and the arrays, each compressed with zlib.
Equal contents give equal bytes.
"""

import hashlib
import json
import math
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import numpy as np

from dashboard.core.errors import ModelUnavailable

MAGIC = b"CHORUS-MODEL "
FORMAT_VERSION = 1
MAX_BYTES = 64 * 2**20  # of the file, and of all its arrays together
_HEAD_BYTES = 200  # more than the first three lines have
_ARRAY_DTYPES = {"int8", "float16", "float32", "float64", "uint8"}
_RETRAIN_ADVICE = "Train the model again with `chorus train`."
Arrays = dict[str, np.ndarray[Any, Any]]
_Parsed = TypeVar("_Parsed")


def write(path: Path, metadata: Mapping[str, Any], arrays: Mapping[str, np.ndarray[Any, Any]]) -> None:
    """Write a classifier's metadata (JSON values) and arrays."""
    compressed = {name: zlib.compress(np.ascontiguousarray(array).tobytes(), 9) for name, array in arrays.items()}
    entries = [
        {"name": name, "type": str(array.dtype), "shape": list(array.shape), "bytes": len(compressed[name])}
        for name, array in arrays.items()
    ]
    header = json.dumps({"facts": metadata, "arrays": entries}, sort_keys=True, ensure_ascii=False).encode()
    payload = b"%d\n" % len(header) + header + b"".join(compressed.values())
    path.write_bytes(b"%s%d\n%s\n" % (MAGIC, FORMAT_VERSION, hashlib.sha256(payload).hexdigest().encode()) + payload)


def read(path: Path) -> tuple[dict[str, Any], Arrays, str]:
    """Return the metadata, the arrays, and the SHA-256 of the file in hexadecimal. Raises ModelUnavailable with the reason."""
    (metadata, arrays), digest = _parse(path, _parse_payload)
    return metadata, arrays, digest


def read_metadata(path: Path) -> tuple[dict[str, Any], str]:
    """Return the metadata and the SHA-256 of the file, without unpacking its arrays. Raises ModelUnavailable with the reason."""
    header, digest = _parse(path, lambda payload: _parse_header(payload)[0])
    return header["facts"], digest


def _parse(path: Path, parse_payload: Callable[[memoryview], _Parsed]) -> tuple[_Parsed, str]:
    """Return what `parse_payload` returns for a file whose checksum is right, and the SHA-256 of the file."""
    content = _read_bytes(path)
    magic, _, rest = content[:_HEAD_BYTES].partition(b"\n")
    checksum = rest.partition(b"\n")[0]
    payload = memoryview(content)[len(magic) + len(checksum) + 2 :]
    if not magic.startswith(MAGIC):
        raise ModelUnavailable(f"{path.name} isn't a Chorus model file.", "Use a file that `chorus train` wrote.")
    if magic != b"%s%d" % (MAGIC, FORMAT_VERSION):
        raise ModelUnavailable(f"{path.name} has another format version than {FORMAT_VERSION}, which this Chorus reads.", _RETRAIN_ADVICE)
    if hashlib.sha256(payload).hexdigest().encode() != checksum:
        raise ModelUnavailable(
            f"{path.name} is damaged or incomplete: its checksum doesn't match.", "Copy the file again, or train the model again."
        )
    try:
        parsed = parse_payload(payload)
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError, zlib.error):
        raise ModelUnavailable(f"{path.name} isn't a valid model file.", _RETRAIN_ADVICE) from None
    return parsed, hashlib.sha256(content).hexdigest()


def _read_bytes(path: Path) -> bytes:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise ModelUnavailable(
                f"{path.name} is larger than {MAX_BYTES // 2**20} MiB, the limit for a Chorus model.", "Train a smaller model."
            )
        return path.read_bytes()
    except OSError as error:
        raise ModelUnavailable(f"{path.name} can't be read: {error.strerror}.", "Check the path and the file's permissions.") from None


def _parse_payload(payload: memoryview) -> tuple[dict[str, Any], Arrays]:
    """Return metadata and arrays. Never decompresses more than the header announces, nor more than MAX_BYTES in all."""
    header, packed = _parse_header(payload)
    bytes_left, offset, arrays = MAX_BYTES, 0, {}
    for entry in header["arrays"]:
        if entry["type"] not in _ARRAY_DTYPES or not all(isinstance(size, int) and size >= 0 for size in entry["shape"]):
            raise ValueError("unknown array type or invalid shape")
        size = math.prod(entry["shape"]) * np.dtype(entry["type"]).itemsize
        bytes_left -= size
        if bytes_left < 0:
            raise ValueError("arrays too large")
        compressed = packed[offset : offset + entry["bytes"]]
        body = zlib.decompressobj().decompress(compressed, size) if size else b""  # to zlib, a size of 0 means no limit
        arrays[entry["name"]] = np.frombuffer(body, dtype=entry["type"]).reshape(entry["shape"])
        offset += entry["bytes"]
    return header["facts"], arrays


def _parse_header(payload: memoryview) -> tuple[dict[str, Any], memoryview]:
    """Return the header, and the arrays that follow it."""
    length = bytes(payload[:_HEAD_BYTES]).partition(b"\n")[0]
    start = len(length) + 1
    end = start + int(length)
    return json.loads(bytes(payload[start:end]), parse_constant=_reject_constant), payload[end:]


def _reject_constant(constant: str) -> NoReturn:
    raise ValueError(constant)
