"""What can go wrong, as nouns with data. No HTTP and no imports but of suggestions: `web/errors.py` maps each error to a status and a page.

Every error says what happened and what to do next, in words for someone who didn't write this program. Keys, gateway addresses and raw
exception texts never enter one.
"""

from collections.abc import Mapping, Sequence

from dashboard.core.suggestions import Correction, Suggestion, format_question


class ChorusError(Exception):
    """Anything Chorus can explain: `title` is the headline, `detail` what happened, `advice` what to do next."""

    title = "Something went wrong"
    advice = ""

    def __init__(self, detail: str, advice: str | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        if advice is not None:
            self.advice = advice

    @property
    def message(self) -> str:
        """Return the detail and the advice in one line."""
        return f"{self.detail} {self.advice}".strip()


class InvalidQuery(ChorusError):
    """A query that can't be answered; `problems` lists every (field, message) at once.

    `corrections` says for some of the messages what may have been meant.
    """

    title = "Something needs fixing"

    def __init__(self, problems: list[tuple[str, str]], corrections: Sequence[Correction] = ()) -> None:
        super().__init__(" ".join(message for _, message in problems))
        self.problems, self.corrections = problems, tuple(corrections)


class InvalidSetting(ChorusError):
    """An environment variable with an invalid value; raised at start, never while serving."""

    title = "Invalid setting"


class ServerStopping(ChorusError):
    """The process is about to end, so it doesn't wait for a network any longer."""

    title = "Chorus is restarting"
    advice = "Load the page again in a few seconds. What has been read is kept."

    def __init__(self) -> None:
        super().__init__("Reading had to stop.")


class ClientLeft(ChorusError):
    """The client has closed the connection, so nobody waits for the response."""

    title = "Nobody is waiting"

    def __init__(self) -> None:
        super().__init__("The connection was closed before the response was ready.")


class SourceError(ChorusError):
    """One account's timeline can't be read. `account` is its canonical name. On a chart of several accounts the error becomes a note.

    `suggestions` are accounts that may be meant.
    """

    title = "This account can't be read"
    is_about_account = False  # whether another account would help; otherwise the network or this server has the problem

    def __init__(self, account: str, detail: str, advice: str | None = None, suggestions: Sequence[Suggestion] = ()) -> None:
        super().__init__(detail, advice)
        self.account, self.suggestions = account, tuple(suggestions)
        self.bill: Mapping[str, int] = {}  # what the network charged, or may have charged, since the last page
        self.others: Sequence[SourceError] = ()  # of the question's other accounts, if none could be read

    @property
    def message(self) -> str:
        """Return the detail, the advice and the suggestions in one line."""
        return super().message + format_question(self.suggestions)

    @property
    def corrections(self) -> list[Correction]:
        """A correction for each account of the question, each message once. Of accounts with the same advice, the last one says it."""
        errors = list({error.message: error for error in (self, *self.others)}.values())
        later_advice = [{later.advice for later in errors[index:]} for index in range(1, len(errors) + 1)]
        sentences = [
            error.detail if error.advice in later else f"{error.detail} {error.advice}".strip()
            for error, later in zip(errors, later_advice, strict=True)
        ]
        return [Correction(text, error.account, error.suggestions) for text, error in zip(sentences, errors, strict=True)]

    @property
    def messages(self) -> list[str]:
        """The sentences about all accounts of the question."""
        return [correction.message for correction in self.corrections]


class AccountNotFound(SourceError):
    """The network has no account of this name."""

    title = "Account not found"
    is_about_account = True
    advice = "Check the spelling – accounts are sometimes renamed."


class ImportedFileNotFound(AccountNotFound):
    """An imported file was deleted by its owner, has expired, or never existed; nothing tells these apart."""

    title = "This file is gone"
    advice = "Check the link, or upload the file again."


class AccountSuspended(SourceError):
    """The network has suspended the account."""

    title = "This account is suspended"
    is_about_account = True
    advice = "Its posts can't be read while the network suspends it."


class AccountProtected(SourceError):
    """The owner shows posts to approved followers only."""

    title = "This account is protected"
    is_about_account = True
    advice = "Only followers that it has approved can see them."


class SourceNotReady(SourceError):
    """The network needs something that this server lacks, such as a key."""

    title = "This network isn't connected here"
    is_about_account = True  # because an account of another network would help


class CredentialsRejected(SourceError):
    """The network rejected our key."""

    title = "The network rejected this server's key"


class PlanUpgradeRequired(SourceError):
    """The key is good, but its plan does not allow this read."""

    title = "The network plan doesn't include this"


class UsageCapReached(SourceError):
    """The plan's posts or credits are used up; waiting minutes does not help."""

    title = "The network plan's quota is used up"


class BudgetExceeded(SourceError):
    """Today's budget for a paid network does not allow the read. `outlook` is a sentence that says whether waiting helps."""

    title = "Today's budget isn't enough"
    advice = "Fewer posts cost less, and cached posts are still shown."

    def __init__(self, account: str, detail: str, advice: str | None = None, *, outlook: str = "It resets at midnight UTC.") -> None:
        super().__init__(account, detail, f"{outlook} {self.advice}" if advice is None else advice)
        self.outlook = outlook


class SpendingUnknown(SourceError):
    """What was spent today can't be looked up or written down, so nothing is bought. Nobody knows for how long."""

    title = "Today's spending is unknown right now"
    advice = "If it stays like this, tell your administrator. Free networks and stored posts are still shown."


class ReadInProgress(SourceError):
    """Another request is reading the same account and pays for it, or has taken over from this one."""

    title = "This account is being read already"
    advice = "Try again in a minute: what was read by then costs nothing."


class PaidReadRefused(SourceError):
    """A paid read was refused because a bot or a link preview asked for it."""

    title = "Not read yet"
    advice = "Open the page in a browser to read it."


class ConfirmationRequired(PaidReadRefused):
    """A paid read was refused because another site may have caused the request; a click on our own page confirms it."""

    advice = "To start it, use the button on the report's page."


class SignInRequired(PaidReadRefused):
    """A paid read was refused because nobody is signed in. `is_invalid_key` is True if a wrong key was sent."""

    title = "Please sign in"
    advice = "Sign in to read it, or send the key with the request."

    def __init__(self, account: str, detail: str, advice: str | None = None, *, is_invalid_key: bool = False) -> None:
        super().__init__(account, detail, advice)
        self.is_invalid_key = is_invalid_key


class TooManyWrongKeys(SignInRequired):
    """A paid read was refused because too many wrong access keys were tried; the next is looked at after `retry_after_seconds`."""

    title = "Too many wrong keys"

    def __init__(self, account: str, detail: str, advice: str, retry_after_seconds: int) -> None:
        super().__init__(account, detail, advice, is_invalid_key=True)
        self.retry_after_seconds = retry_after_seconds


class RateLimited(SourceError):
    """The network's rate limit is reached. `resets_at` is the aware UTC time when it ends, None if the network didn't say."""

    title = "Rate limit reached"

    def __init__(self, account: str, detail: str, advice: str | None = None, *, resets_at=None) -> None:  # type: ignore[no-untyped-def]
        super().__init__(account, detail, advice)
        self.resets_at = resets_at


class SourceUnavailable(SourceError):
    """The network can't be reached, failed, or answered too slowly."""

    title = "The network isn't responding"
    advice = "Try again in a few minutes."


class ServerUnreadable(SourceUnavailable):
    """A server responds, but refuses programs or doesn't provide what is needed. It says nothing about whether the account exists."""

    title = "This server can't be read"
    advice = "Its administrator decides what programs may read. If you can, export the posts and upload the file."


class OutOfTime(SourceUnavailable):
    """Too little of the time for a read was left for one more request, so none was sent. It says nothing about the network's state."""

    title = "Reading took too long"
    advice = "Try again: what was read is kept, and reading goes on from there."


class NetworkBusy(SourceUnavailable):
    """Too many accounts of the network are being read already, so the account isn't read. Nothing was asked."""

    title = "The network is being read for many others"
    advice = "Try again in a few seconds."


class NetworkDown(SourceUnavailable):
    """The network is known to be down, so it wasn't asked. `retry_at` is the aware UTC time after which it's tried again."""

    def __init__(self, account: str, detail: str, advice: str | None = None, *, retry_at=None) -> None:  # type: ignore[no-untyped-def]
        super().__init__(account, detail, advice)
        self.retry_at = retry_at


class InvalidFile(ChorusError):
    """A file that can't be imported: it isn't a list of posts, is damaged, or exceeds a limit."""

    title = "This file can't be read"


class StorageUnavailable(ChorusError):
    """The folder for uploaded files, or the one for temporary files, is full, read-only or gone."""

    title = "Files can't be stored right now"


class ServerBusy(ChorusError):
    """The server has too much to do for one more of such requests; it's worth trying again after `retry_after_seconds`."""

    title = "The server is busy"

    def __init__(self, detail: str, advice: str | None = None, *, retry_after_seconds: int) -> None:
        super().__init__(detail, advice)
        self.retry_after_seconds = retry_after_seconds


class UnknownColumns(InvalidFile):
    """A table whose columns can't be told apart.

    `columns` are its names, `sample_rows` some rows of text in the same order, `missing_fields` the fields that weren't recognised.
    A person then maps fields to columns, and the reader takes that mapping. `problems` says, by field, what is wrong with a column that a
    person chose, and `suggestions` the only column that a field can be in.
    """

    title = "Match your columns"

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


class InvalidPayload(ChorusError):
    """An invalid body of `/predict`; `problems` lists (path, message), such as ("texts[3]", …)."""

    title = "Invalid request"

    def __init__(self, problems: list[tuple[str, str]]) -> None:
        super().__init__(" ".join(message for _, message in problems))
        self.problems = problems


class ModelUnavailable(ChorusError):
    """No model can be served: its file is missing, damaged, of another version, or needs a package that isn't installed."""

    title = "The model isn't available"


class ImageUnavailable(ChorusError):
    """An image took too long to draw, or more memory than there is."""

    title = "This image can't be drawn right now"
    advice = "Try again in a minute, or choose a smaller image. The page and the table show the same numbers."


class AccessKeyRequired(ChorusError):
    """Something is open to holders of an access key only. `is_invalid_key` is True if a wrong key was sent."""

    title = "Access key required"
    advice = "Sign in, or send it as “Authorization: Bearer KEY”. Ask your administrator for a key."

    def __init__(self, detail: str, advice: str | None = None, *, is_invalid_key: bool = False) -> None:
        super().__init__(detail, advice)
        self.is_invalid_key = is_invalid_key


class TooManyAttempts(ChorusError):
    """Too many wrong access keys were tried; the next attempt is allowed after `retry_after_seconds`."""

    title = "Too many wrong keys"

    def __init__(self, retry_after_seconds: int) -> None:
        super().__init__("Too many wrong access keys were tried.", f"Wait {retry_after_seconds} seconds, then try again.")
        self.retry_after_seconds = retry_after_seconds


class InvalidLabelledData(ChorusError):
    """A file of labelled texts that can't be used; the detail names the file, and the line if there is one."""

    title = "The labelled texts can't be read"
