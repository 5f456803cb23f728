"""Whether somebody may cause costs, decided once per request and passed down to where money would be spent.

No prices and no budget here: `pricing` knows what things cost, `timelines.budget` what is left of the day.
"""

from dataclasses import dataclass

from dashboard.core.accounts import Account
from dashboard.core.errors import AccessKeyRequired, PaidReadRefused, SignInRequired, SourceError


@dataclass(frozen=True)
class Spending:
    """`allowed` says whether reads that cost money may be made; `refusal` which access key is missing, if that is why they may not."""

    allowed: bool
    refusal: AccessKeyRequired | None = None

    def explain(self, account: Account, error: SourceError) -> SourceError:
        """Return the error of an account, with the advice to sign in where an access key would have let the read through."""
        if self.refusal is None or not isinstance(error, PaidReadRefused):
            return error
        return SignInRequired(
            error.account, f"Reading {account.label} costs money. {self.refusal.detail}", is_invalid_key=self.refusal.is_invalid_key
        )


ALL_SPENDING, NO_SPENDING = Spending(allowed=True), Spending(allowed=False)
