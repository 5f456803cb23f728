"""Bounds how much of the bodies of requests may be on the server before the application has them: one client's, and everybody's.

Bodies are stored in TMPDIR, which is memory in many containers. Who a client is, and which requests share a room, is decided elsewhere.
"""

import threading
from collections import Counter


class BodyRoom:
    """The bytes that bodies occupy, or will occupy once they have arrived. Safe to use from any thread."""

    def __init__(self, max_bytes: int, max_bytes_per_client: int) -> None:
        self._max_bytes, self._max_bytes_per_client = max_bytes, max_bytes_per_client
        self._guard, self._clients = threading.Lock(), Counter[str]()
        self.unread_bytes = 0

    def resize(self, client: str, old_bytes: int, new_bytes: int) -> bool:
        """Let a client's body that occupied `old_bytes` occupy `new_bytes`, and return whether it may. If not, nothing changes.

        A body that is the only one may have any size: what is larger than the room could never be sent otherwise.
        """
        with self._guard:
            others_bytes = self.unread_bytes - old_bytes
            is_smaller = new_bytes <= old_bytes
            fits = not others_bytes or others_bytes + new_bytes <= self._max_bytes
            if is_smaller or (fits and self.fits_share(client, old_bytes, new_bytes)):
                self.unread_bytes = others_bytes + new_bytes
                self._clients[client] += new_bytes - old_bytes
                self._clients += Counter()  # forgets clients that have nothing here
                return True
            return False

    def fits_share(self, client: str, old_bytes: int, new_bytes: int) -> bool:
        """Return whether the client's own share is large enough for that, whatever the others have here."""
        own_others_bytes = self._clients[client] - old_bytes
        return not own_others_bytes or own_others_bytes + new_bytes <= self._max_bytes_per_client
