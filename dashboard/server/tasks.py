"""What a thread does with a request: calls the application, or lets it render a refusal."""

from typing import Any

from waitress.task import WSGITask

from dashboard.web.refusals import ENVIRON_KEY, Refusal

_MAX_JOINED_BYTES = 64 * 1024


class ApplicationTask(WSGITask):
    """Calls the application for a complete request."""

    def start(self) -> None:
        """Prepare the response. The last response before the process ends says that the connection closes."""
        super().start()
        self.channel.request_count += 1
        if self.channel.server.is_stopping or self.request.ends_connection:
            self.set_close_on_finish()

    def set_close_on_finish(self) -> None:
        """Close the connection after the response. waitress asks for it without a length, which no response without a body has."""
        if self.has_body or self.version != "1.1" or self.request.headers.get("CONNECTION", "").lower() == "close":
            super().set_close_on_finish()

    def write(self, data: bytes) -> None:
        """Send a part of the response; its head goes with the first part, in one packet if both fit."""
        if self.wrote_header or len(data) > _MAX_JOINED_BYTES:
            super().write(data)
            return
        self.channel.held_parts = parts = list[bytes]()
        try:
            super().write(data)
        finally:
            self.channel.held_parts = None
        self.channel.write_soon(b"".join(parts))

    def finish(self) -> None:
        """End the response. A response to HEAD has no body, so it has no final chunk either."""
        if self.request.command == "HEAD":
            self.chunked_response = False
        super().finish()


class RefusalTask(ApplicationTask):
    """Lets the application render the refusal of a request, and closes the connection unless the next request can be read."""

    def start(self) -> None:
        """Prepare the response."""
        super().start()
        if self.request.refusal is None or self.request.ends_connection:
            self.set_close_on_finish()

    def get_environment(self) -> dict[str, Any]:
        """Return the WSGI environment, which names the refusal."""
        environ: dict[str, Any] = super().get_environment()
        environ[ENVIRON_KEY] = self.request.refusal or Refusal(500)  # waitress answers an exception of the application
        return environ
