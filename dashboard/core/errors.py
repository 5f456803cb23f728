"""What can go wrong, as nouns with data. No HTTP and no imports but of suggestions: `web/errors.py` maps each error to a status and a page.

Every error says what happened and what to do next, in words for someone who didn't write this program. Keys, gateway addresses and raw
exception texts never enter one. Why an account can't be read is in `source_errors.py`.
"""

from collections.abc import Mapping, Sequence

from dashboard.core.messages import deferred, translatable, translate
from dashboard.core.suggestions import Correction


class ChorusError(Exception):
    """Anything Chorus can explain: `title` is the headline, `detail` what happened, `advice` what to do next."""

    title = translatable("Something went wrong")
    advice = ""

    def __init__(self, detail: str, advice: str | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        if advice is not None:
            self.advice = advice

    @property
    def page_title(self) -> str:
        """The heading of a page about it in the reader's language: `title`, which programs get, or something more precise."""
        return translate(self.title)

    @property
    def message(self) -> str:
        """Return the detail and the advice in one line, in the reader's language."""
        return f"{translate(self.detail)} {translate(self.advice)}".strip()


class InvalidQuery(ChorusError):
    """A query that can't be answered; `problems` lists every (field, message) at once.

    `corrections` says for some of the messages what may have been meant.
    """

    title = translatable("Something needs fixing")

    def __init__(self, problems: list[tuple[str, str]], corrections: Sequence[Correction] = ()) -> None:
        super().__init__(" ".join(message for _, message in problems))
        self.problems, self.corrections = problems, tuple(corrections)


class InvalidSetting(ChorusError):
    """An environment variable with an invalid value; raised at start, never while serving."""

    title = translatable("Invalid setting")


class ServerStopping(ChorusError):
    """The process is about to end, so it doesn't wait for a network any longer."""

    title = translatable("Chorus is restarting")
    advice = translatable("Load the page again in a few seconds. What has been read is kept.")

    def __init__(self) -> None:
        super().__init__(deferred("Reading had to stop."))


class ClientLeft(ChorusError):
    """The client has closed the connection, so nobody waits for the response."""

    title = translatable("Nobody is waiting")

    def __init__(self) -> None:
        super().__init__("The connection was closed before the response was ready.")


class InvalidFile(ChorusError):
    """A file that can't be imported: it isn't a list of posts, is damaged, or exceeds a limit."""

    title = translatable("This file can’t be read")


class NoPosts(InvalidFile):
    """A file that could have posts, but has none."""


class TooManyRows(InvalidFile):
    """Too many rows of files would have to be read to show some posts."""


class NotDeleted(InvalidFile):
    """A file that can't be deleted: there is none, or somebody else owns it; nothing tells these apart."""

    title = translatable("Nothing was deleted")
    advice = translatable("Check the link.")

    def __init__(self) -> None:
        super().__init__(translatable("The file no longer exists, or this isn’t its owner’s link."))


class StorageUnavailable(ChorusError):
    """The folder for uploaded files, or the one for temporary files, is full, read-only or gone."""

    title = translatable("Files can’t be stored right now")


class ServerBusy(ChorusError):
    """The server has too much to do for one more of such requests; it's worth trying again after `retry_after_seconds`."""

    title = translatable("The server is busy")

    def __init__(self, detail: str, advice: str | None = None, *, retry_after_seconds: int) -> None:
        super().__init__(detail, advice)
        self.retry_after_seconds = retry_after_seconds


class UnknownColumns(InvalidFile):
    """A table in which the columns that are needed weren't recognised.

    `columns` are its names, `sample_rows` some rows of text in the same order, `missing_fields` the fields that weren't recognised.
    A person then maps fields to columns, and the reader takes that mapping. `problems` says, by field, what is wrong with a column that a
    person chose, and `suggestions` the column that a field is in most likely.
    """

    title = translatable("Match your columns")

    def __init__(
        self,
        detail: str,
        advice: str | None = None,
        *,
        columns: list[str],
        sample_rows: list[list[str]],
        missing_fields: list[str],
        problems: Mapping[str, str] | None = None,
        suggestions: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail, advice)
        self.columns, self.sample_rows, self.missing_fields, self.problems = columns, sample_rows, missing_fields, problems or {}
        self.suggestions = dict(suggestions or {})

    def find_example(self, column: str) -> str:
        """Return the first value that a column has in the sample rows, "" if it has none."""
        position = self.columns.index(column)
        return next((row[position].strip() for row in self.sample_rows if position < len(row) and row[position].strip()), "")


class InvalidPayload(ChorusError):
    """An invalid body of `/predict`; `problems` lists (path, message), such as ("texts[3]", …)."""

    title = translatable("Invalid request")

    def __init__(self, problems: list[tuple[str, str]]) -> None:
        super().__init__(" ".join(f"{path}: {message}" if "]" in path else message for path, message in problems))
        self.problems = problems


class ModelUnavailable(ChorusError):
    """No model can be served: its file is missing, damaged, of another version, or needs a package that isn't installed."""

    title = translatable("The model isn’t available")


class ImageUnavailable(ChorusError):
    """An image took too long to draw, or more memory than there is."""

    title = translatable("This image can’t be drawn right now")
    advice = translatable("Try again in a minute, or choose a smaller image. The page and the table show the same numbers.")


class AccessKeyRequired(ChorusError):
    """Something is open to holders of an access key only. `is_invalid_key` is True if a wrong key was sent."""

    title = translatable("Access key required")
    advice = translatable("Sign in, or send it as “Authorization: Bearer KEY”. Ask your administrator for a key.")

    def __init__(self, detail: str, advice: str | None = None, *, is_invalid_key: bool = False) -> None:
        super().__init__(detail, advice)
        self.is_invalid_key = is_invalid_key


class TooManyAttempts(ChorusError):
    """Too many wrong access keys were tried; the next attempt is allowed after `retry_after_seconds`."""

    title = translatable("Too many wrong keys")

    def __init__(self, retry_after_seconds: int) -> None:
        wait = deferred("Wait %(count)s seconds, then try again.", count=retry_after_seconds)
        super().__init__(deferred("Too many wrong access keys were tried."), wait)
        self.retry_after_seconds = retry_after_seconds


class InvalidLabelledData(ChorusError):
    """A file of labelled texts that can't be used; the detail names the file, and the line if there is one."""

    title = translatable("The labelled texts can’t be read")
