"""A fake resolver, and sockets that connect to loopback whatever address they report."""

import socket
from typing import Any

PUBLIC_IP_ADDRESS = "93.184.215.14"  # a public address, which no test contacts


class FakeDns:
    """A fake resolver that returns the given results one after another, and a function that connects to loopback."""

    def __init__(self, *results: list[str] | OSError, port: int = 0) -> None:
        self._results, self._port = list(results), port
        self.resolved_names: list[str] = []
        self.dialed_addresses: list[tuple[str, int]] = []

    def resolve(self, name: str, port: int, **_: Any) -> list[tuple[Any, ...]]:
        self.resolved_names.append(name)
        answer = self._results.pop(0) if len(self._results) > 1 else self._results[0]
        if isinstance(answer, OSError):
            raise answer
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in answer]

    def dial(self, address: tuple[str, int], timeout: float) -> socket.socket:
        """Connect to loopback, with a socket that reports the requested address as its peer."""
        self.dialed_addresses.append(address)
        sock = _RedirectedSocket(address)
        sock.settimeout(timeout)
        try:
            sock.connect(("127.0.0.1", self._port))
        except OSError:
            sock.close()
            raise
        return sock


class _RedirectedSocket(socket.socket):
    def __init__(self, address: tuple[str, int]) -> None:
        super().__init__(socket.AF_INET, socket.SOCK_STREAM)
        self._address = address

    def getpeername(self) -> tuple[str, int]:
        return self._address
