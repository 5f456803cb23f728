"""Why a read that costs money doesn't happen: the budget, somebody else's read, or who asked for it."""

from dashboard.core.deferred_texts import defer_sentences
from dashboard.core.messages import translatable
from dashboard.core.source_errors import SourceError


class BudgetExceeded(SourceError):
    """Today's budget for a paid network does not allow the read. `outlook` is a sentence that says whether waiting helps."""

    title = translatable("Today’s budget isn’t enough")
    advice = translatable("Fewer posts cost less, and cached posts are still shown.")

    def __init__(
        self, account: str, detail: str, advice: str | None = None, *, outlook: str = translatable("It resets at midnight UTC.")
    ) -> None:
        super().__init__(account, detail, defer_sentences(outlook, self.advice) if advice is None else advice)
        self.outlook = outlook


class SpendingUnknown(SourceError):
    """What was spent today can't be looked up or written down, so nothing is bought. Nobody knows for how long."""

    title = translatable("Today’s spending is unknown right now")
    advice = translatable("If it stays like this, tell your administrator. Free networks and stored posts are still shown.")


class ReadInProgress(SourceError):
    """Another request is reading the same account and pays for it, or has taken over from this one."""

    title = translatable("This account is being read already")
    advice = translatable("Try again in a minute: what was read by then costs nothing.")


class PaidReadRefused(SourceError):
    """A paid read was refused because a bot or a link preview asked for it."""

    title = translatable("Not read yet")
    advice = translatable("Open the page in a browser to read it.")


class ConfirmationRequired(PaidReadRefused):
    """A paid read was refused because another site may have caused the request; a click on our own page confirms it."""

    advice = translatable("To start it, use the button on the report’s page.")


class SignInRequired(PaidReadRefused):
    """A paid read was refused because nobody is signed in. `is_invalid_key` is True if a wrong key was sent."""

    title = translatable("Please sign in")
    advice = translatable("Sign in to read it, or send the key with the request.")

    def __init__(self, account: str, detail: str, advice: str | None = None, *, is_invalid_key: bool = False) -> None:
        super().__init__(account, detail, advice)
        self.is_invalid_key = is_invalid_key


class TooManyWrongKeys(SignInRequired):
    """A paid read was refused because too many wrong access keys were tried; the next is looked at after `retry_after_seconds`."""

    title = translatable("Too many wrong keys")

    def __init__(self, account: str, detail: str, advice: str, retry_after_seconds: int) -> None:
        super().__init__(account, detail, advice, is_invalid_key=True)
        self.retry_after_seconds = retry_after_seconds
