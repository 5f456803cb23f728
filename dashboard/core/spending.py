"""Whether somebody may cause costs, decided once per request and passed down to where money would be spent.

No prices and no budget here: `pricing` knows what things cost, `timelines.budget` what is left of the day.
"""

from dataclasses import dataclass

from dashboard.core.accounts import Account
from dashboard.core.deferred_texts import defer_sentences
from dashboard.core.errors import AccessKeyRequired, TooManyAttempts
from dashboard.core.messages import deferred
from dashboard.core.source_errors import SourceError
from dashboard.core.spending_errors import ConfirmationRequired, PaidReadRefused, SignInRequired, TooManyWrongKeys


@dataclass(frozen=True)
class Spending:
    """`allowed` says whether reads that cost money may be made. If they may not:

    `refusal` says which access key is missing or wrong, and `needs_confirmation` that a click on our own page would allow them.
    """

    allowed: bool
    refusal: AccessKeyRequired | TooManyAttempts | None = None
    needs_confirmation: bool = False

    def explain(self, account: Account, error: SourceError) -> SourceError:
        """Return the error of an account, with what would have let the read through: an access key or a confirmation."""
        if not isinstance(error, PaidReadRefused):
            return error
        if isinstance(self.refusal, TooManyAttempts):
            return TooManyWrongKeys(
                error.account,
                defer_sentences(deferred("Reading %(account)s costs money.", account=account.label), self.refusal.detail),
                self.refusal.advice,
                self.refusal.retry_after_seconds,
            )
        if self.refusal:
            return SignInRequired(
                error.account,
                defer_sentences(deferred("Reading %(account)s costs money.", account=account.label), self.refusal.detail),
                is_invalid_key=self.refusal.is_invalid_key,
            )
        if self.needs_confirmation:
            return ConfirmationRequired(
                error.account, deferred("Reading %(account)s costs money, so Chorus asks you first.", account=account.label)
            )
        return error


ALL_SPENDING, NO_SPENDING = Spending(allowed=True), Spending(allowed=False)
UNCONFIRMED_SPENDING = Spending(allowed=False, needs_confirmation=True)
