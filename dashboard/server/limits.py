"""The bounds of every connection: how long clients may take, and how much they may send. Which response follows is decided elsewhere."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ConnectionLimits:
    """The bounds of connections. Times are seconds, sizes bytes.

    `client_seconds` is how long the head of a request may take. Bodies and responses have to advance by `min_bytes` within each such
    period. A connection without a request is closed after `idle_seconds`.
    """

    client_seconds: float = 20.0
    min_bytes: int = 32 * 1024
    idle_seconds: float = 75.0
    linger_seconds: float = 5.0  # how long a refused client may go on sending before its connection is closed
    connections: int = 1000
    request_line_bytes: int = 8190
    head_bytes: int = 32 * 1024
    header_fields: int = 100
    chunk_line_bytes: int = 4096  # the line before a chunk, and the trailer after the last one
    unsent_bytes: int = 128 * 1024 * 1024  # of all responses together that wait for their clients
    body_bytes_per_second: int = 128 * 1024  # of a body that takes room which somebody else needs
    disk_reserve_bytes: int = 256 * 1024 * 1024  # what uploads leave free where they are stored
