"""What can go wrong, as nouns with data. No HTTP, no import: a status and a page are given to them in `web/errors.py`.

Every error says what happened and what to do next, in words for a person who did not write this program.
No key, no address of a gateway and no raw exception text ever enters one.
"""

from collections.abc import Mapping


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
        """Everything a reader needs, in a line."""
        return f"{self.detail} {self.advice}".strip()


class InvalidQuery(ChorusError):
    """A question that can't be asked; `problems` is a list of (field, message), all of them at once."""

    title = "Please check the form"

    def __init__(self, problems: list[tuple[str, str]]) -> None:
        super().__init__(" ".join(message for _, message in problems))
        self.problems = problems


class InvalidSetting(ChorusError):
    """A setting in the environment that can't be used; raised at start, never while serving."""

    title = "A setting is wrong"


class SourceError(ChorusError):
    """One account's timeline can't be read. `account` is its canonical form; it is a note on a chart of other accounts."""

    title = "This account can't be read"

    def __init__(self, account: str, detail: str, advice: str | None = None) -> None:
        super().__init__(detail, advice)
        self.account = account
        self.bill: Mapping[str, int] = {}  # what the network charged before it failed


class AccountNotFound(SourceError):
    """No account of that name on its network."""

    title = "No such account"
    advice = "Check the spelling; accounts are sometimes renamed."


class AccountSuspended(SourceError):
    """The network has suspended the account."""

    title = "This account is suspended"
    advice = "Its posts can't be read until the network lifts that."


class AccountProtected(SourceError):
    """The owner shows posts to approved followers only."""

    title = "This account is protected"
    advice = "Only followers its owner has approved may read it."


class SourceNotReady(SourceError):
    """The network lacks what it needs here, such as a key."""

    title = "This network is not set up"


class CredentialsRejected(SourceError):
    """The network refuses our key."""

    title = "The network refuses the key"


class PlanUpgradeRequired(SourceError):
    """The key is good, but its plan does not allow this read."""

    title = "The plan does not allow this"


class UsageCapReached(SourceError):
    """The plan's posts or credits are used up; waiting minutes does not help."""

    title = "The plan is used up"


class BudgetExceeded(SourceError):
    """Today's budget for a paid network does not allow the read."""

    title = "Today's budget is spent"
    advice = "It is whole again at midnight UTC; CHORUS_X_BUDGET sets it. Fewer posts cost less."


class PaidReadRefused(SourceError):
    """A read that costs money was not made, because a robot or a link preview asked."""

    title = "Not read yet"
    advice = "Open the page in a browser to have it read."


class SignInRequired(PaidReadRefused):
    """A read that costs money was not made, because nobody signed in; `wrong` says that a key came which is none of ours."""

    title = "Please sign in"
    advice = "Sign in, or let a program send an access key as “Authorization: Bearer KEY”."

    def __init__(self, account: str, detail: str, advice: str | None = None, *, is_invalid_key: bool = False) -> None:
        super().__init__(account, detail, advice)
        self.is_invalid_key = is_invalid_key


class RateLimited(SourceError):
    """Too many reads for now; `resets_at` is the aware UTC time at which reading may go on, None if the network did not say."""

    title = "The network asks us to wait"

    def __init__(self, account: str, detail: str, advice: str | None = None, *, resets_at=None) -> None:  # type: ignore[no-untyped-def]
        super().__init__(account, detail, advice)
        self.resets_at = resets_at


class SourceUnavailable(SourceError):
    """The network can't be reached, is broken, or answered too slowly."""

    title = "The network does not answer"
    advice = "Try again in a few minutes."


class InvalidFile(ChorusError):
    """A file that can't be imported: it is no archive of posts, damaged, or larger than a bound."""

    title = "This file can't be read"


class UnknownColumns(InvalidFile):
    """A table whose columns can't be told apart.

    `columns` are its names, `sample` some rows of texts in the same order, `missing` the fields nobody could find: a person
    says which is which by the mapping field -> column that `archives.read` takes.
    """

    title = "Which column is which?"

    def __init__(
        self, detail: str, advice: str | None = None, *, columns: list[str], sample_rows: list[list[str]], missing_fields: list[str]
    ) -> None:
        super().__init__(detail, advice)
        self.columns, self.sample_rows, self.missing_fields = columns, sample_rows, missing_fields


class InvalidPayload(ChorusError):
    """A body of `/predict` that can't be used; `problems` is a list of (path, message), such as ("texts[3]", …)."""

    title = "The payload can't be used"

    def __init__(self, problems: list[tuple[str, str]]) -> None:
        super().__init__(" ".join(message for _, message in problems))
        self.problems = problems


class ModelUnavailable(ChorusError):
    """There is no model to ask: its file is missing, damaged, of another version, or needs a package that is not installed."""

    title = "The model can't be used"


class AccessKeyRequired(ChorusError):
    """Something is open to holders of an access key only; `wrong` says that a key came which is none of ours."""

    title = "An access key is wanted"
    advice = "Sign in, or let a program send it as “Authorization: Bearer KEY”; whoever runs this Chorus gives keys."

    def __init__(self, detail: str, advice: str | None = None, *, is_invalid_key: bool = False) -> None:
        super().__init__(detail, advice)
        self.is_invalid_key = is_invalid_key


class TooManyAttempts(ChorusError):
    """Too many wrong access keys were tried; after `seconds` the next may be."""

    title = "Too many wrong keys"

    def __init__(self, retry_after_seconds: int) -> None:
        super().__init__("Too many wrong access keys were tried here.", f"Wait {retry_after_seconds} seconds, then try again.")
        self.retry_after_seconds = retry_after_seconds


class InvalidLabelledData(ChorusError):
    """A file of labelled texts that can't be learned from or measured on; the detail names the file, and the line if there is one."""

    title = "The labelled texts can't be read"
