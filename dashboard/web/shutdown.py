"""Whether this process is about to end, so that reads stop at their next page and streamed pages end with a sentence. No signals here."""

import threading

WAIT_SECONDS = 3.0  # how long a response may still wait for its networks when the process is about to end
_begun = threading.Event()


def begin() -> None:
    """Note that the process is about to end; called once, by the server."""
    _begun.set()


def has_begun() -> bool:
    """Return whether the process is about to end."""
    return _begun.is_set()
