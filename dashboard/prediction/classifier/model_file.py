"""The file a classifier travels in: named arrays and facts, checksummed and versioned, and nothing that runs.

`CHORUS-MODEL 1`, the sha256 of the rest in hexadecimal, the length of the header, each on a line; the header as JSON (facts, and each
array's name, type, shape and compressed length); then the arrays' bytes, each compressed by zlib. Equal contents are equal bytes.
"""

import hashlib
import json
import math
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn

import numpy as np

from dashboard.core.errors import ModelUnavailable

MAGIC = b"CHORUS-MODEL "
FORMAT_VERSION = 1
MAX_BYTES = 64 * 2**20  # of the file, and of all arrays together
_ARRAY_DTYPES = {"int8", "float16", "float32", "float64", "uint8"}
Arrays = dict[str, np.ndarray[Any, Any]]


def write(path: Path, metadata: Mapping[str, Any], arrays: Mapping[str, np.ndarray[Any, Any]]) -> None:
    """Write a classifier's facts (JSON values) and arrays."""
    bodies = {name: zlib.compress(np.ascontiguousarray(array).tobytes(), 9) for name, array in arrays.items()}
    listed = [
        {"name": name, "type": str(array.dtype), "shape": list(array.shape), "bytes": len(bodies[name])} for name, array in arrays.items()
    ]
    header = json.dumps({"facts": metadata, "arrays": listed}, sort_keys=True, ensure_ascii=False).encode()
    rest = b"%d\n" % len(header) + header + b"".join(bodies.values())
    path.write_bytes(b"%s%d\n%s\n" % (MAGIC, FORMAT_VERSION, hashlib.sha256(rest).hexdigest().encode()) + rest)


def read(path: Path) -> tuple[dict[str, Any], Arrays, str]:
    """Return the facts, the arrays, and the sha256 of the file. Raises ModelUnavailable, with the reason."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise ModelUnavailable(f"{path.name} is larger than {MAX_BYTES // 2**20} MiB, the most a model of Chorus may have.")
        content = path.read_bytes()
    except OSError as problem:
        raise ModelUnavailable(f"{path.name} can't be read: {problem.strerror}.") from None
    magic, _, rest = content.partition(b"\n")
    if not magic.startswith(MAGIC):
        raise ModelUnavailable(f"{path.name} is no model of Chorus.")
    if magic != b"%s%d" % (MAGIC, FORMAT_VERSION):
        raise ModelUnavailable(
            f"{path.name} is of another version of the format; this Chorus reads version {FORMAT_VERSION}.", "Train it anew."
        )
    checksum, _, rest = rest.partition(b"\n")
    if hashlib.sha256(rest).hexdigest().encode() != checksum:
        raise ModelUnavailable(f"{path.name} is damaged or cut off: its checksum is another.", "Copy or train it anew.")
    try:
        facts, arrays = _parse_payload(rest)
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError, zlib.error):
        raise ModelUnavailable(f"{path.name} can't be understood.", "Train it anew.") from None
    return facts, arrays, hashlib.sha256(content).hexdigest()


def _parse_payload(payload: bytes) -> tuple[dict[str, Any], Arrays]:
    length, _, payload = payload.partition(b"\n")
    header, place, left, arrays = json.loads(payload[: int(length)], parse_constant=_reject_constant), int(length), MAX_BYTES, {}
    for each in header["arrays"]:
        if each["type"] not in _ARRAY_DTYPES or not all(isinstance(size, int) and size >= 0 for size in each["shape"]):
            raise ValueError("a type or a shape of none of our arrays")
        size = math.prod(each["shape"]) * np.dtype(each["type"]).itemsize
        left -= size
        if left < 0:
            raise ValueError("too much")
        packed = payload[place : place + each["bytes"]]
        body = zlib.decompressobj().decompress(packed, size) if size else b""  # a size of 0 would be no bound
        arrays[each["name"]] = np.frombuffer(body, dtype=each["type"]).reshape(each["shape"])
        place += each["bytes"]
    return header["facts"], arrays


def _reject_constant(constant: str) -> NoReturn:
    raise ValueError(constant)
