"""Why an account can't be read, as nouns with data: the account itself, the network, its plan, or its limits.

On a chart of several accounts, each of these becomes a note. What money has to do with is in `spending_errors.py`.
"""

from collections.abc import Mapping, Sequence

from dashboard.core.errors import ChorusError
from dashboard.core.messages import gettext, translatable, translate
from dashboard.core.suggestions import Correction, Suggestion, format_question


class SourceError(ChorusError):
    """One account's timeline can't be read. `account` is its canonical name. On a chart of several accounts the error becomes a note.

    `suggestions` are accounts that may be meant.
    """

    title = translatable("This account can’t be read")
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
            translate(error.detail) if error.advice in later else f"{translate(error.detail)} {translate(error.advice)}".strip()
            for error, later in zip(errors, later_advice, strict=True)
        ]
        return [Correction(text, error.account, error.suggestions) for text, error in zip(sentences, errors, strict=True)]

    @property
    def messages(self) -> list[str]:
        """The sentences about all accounts of the question."""
        return [correction.message for correction in self.corrections]


class AccountNotFound(SourceError):
    """The network has no account of this name."""

    title = translatable("Account not found")
    is_about_account = True
    advice = translatable("Check the spelling – accounts are sometimes renamed.")


class ImportedFileNotFound(AccountNotFound):
    """An imported file was deleted by its owner, has expired, or never existed; nothing tells these apart."""

    title = translatable("File not found")
    advice = translatable("Check the link, or upload the file again.")


class AccountSuspended(SourceError):
    """The network has suspended the account."""

    title = translatable("This account is suspended")
    is_about_account = True
    advice = translatable("Its posts can’t be read while the network suspends it.")


class AccountProtected(SourceError):
    """The owner shows posts to approved followers only."""

    title = translatable("This account is protected")
    is_about_account = True
    advice = translatable("Only followers that it has approved can see them.")


class SourceNotReady(SourceError):
    """The network needs something that this server lacks, such as a key. `network_title` is given if nothing of it can be read."""

    title = translatable("This network isn’t connected here")
    is_about_account = True  # because an account of another network would help

    def __init__(
        self,
        account: str,
        detail: str,
        advice: str | None = None,
        suggestions: Sequence[Suggestion] = (),
        *,
        network_title: str = "",
    ) -> None:
        super().__init__(account, detail, advice, suggestions)
        self.network_title = network_title

    @property
    def page_title(self) -> str:
        """The title with the network's name, because people who type a handle needn't know which network it belongs to."""
        if not self.network_title:
            return translate(self.title)
        return gettext("%(network)s isn’t connected here", network=self.network_title)


class CredentialsRejected(SourceError):
    """The network rejected our key."""

    title = translatable("The network rejected this server’s key")


class PlanUpgradeRequired(SourceError):
    """The key is good, but its plan does not allow this read."""

    title = translatable("The network plan doesn’t include this")


class UsageCapReached(SourceError):
    """The plan's posts or credits are used up; waiting minutes does not help."""

    title = translatable("The network plan’s quota is used up")


class RateLimited(SourceError):
    """The network's rate limit is reached. `resets_at` is the aware UTC time when it ends, None if the network didn't say."""

    title = translatable("Rate limit reached")

    def __init__(self, account: str, detail: str, advice: str | None = None, *, resets_at=None) -> None:  # type: ignore[no-untyped-def]
        super().__init__(account, detail, advice)
        self.resets_at = resets_at


class SourceUnavailable(SourceError):
    """The network can't be reached, failed, or answered too slowly."""

    title = translatable("The network isn’t responding")
    advice = translatable("Try again in a few minutes.")


class ServerUnreadable(SourceUnavailable):
    """A server responds, but refuses programs or doesn't provide what is needed. It says nothing about whether the account exists."""

    title = translatable("This server can’t be read")
    advice = translatable("Its administrator decides what programs may read. If you can, export the posts and upload the file.")


class FileUnreadable(SourceUnavailable):
    """The posts of a file or collection can't be read: it is damaged or gone, or its folder can't be reached."""

    title = translatable("The posts of this file can’t be read")


class FileTooLong(FileUnreadable):
    """Too much of the files of a collection would have to be read for these posts."""


class OutOfTime(SourceUnavailable):
    """Too little of the time for a read was left for one more request, so none was sent. It says nothing about the network's state."""

    title = translatable("Reading took too long")
    advice = translatable("Try again: what was read is kept, and reading goes on from there.")


class NetworkBusy(SourceUnavailable):
    """Too many accounts of the network are being read already, so the account isn't read. Nothing was asked."""

    title = translatable("The network is being read for many others")
    advice = translatable("Try again in a few seconds.")


class NetworkDown(SourceUnavailable):
    """The network is known to be down, so it wasn't asked. `retry_at` is the aware UTC time after which it's tried again."""

    def __init__(self, account: str, detail: str, advice: str | None = None, *, retry_at=None) -> None:  # type: ignore[no-untyped-def]
        super().__init__(account, detail, advice)
        self.retry_at = retry_at
