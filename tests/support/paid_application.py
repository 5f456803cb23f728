"""An application that reads 300 posts of one account on X, and what must hold whatever happens meanwhile. No test in here."""

import time
from dataclasses import dataclass

from flask import Flask
from werkzeug.test import TestResponse

from dashboard.app import create_app
from tests.support import fake_networks
from tests.support.interrupted_x import InterruptedX
from tests.support.timeline_stores import LOOKUP_MICRODOLLARS, POST_MICRODOLLARS

POSTS = 300
QUESTION = f"users=nasa&n={POSTS}"
BUDGET_MICRODOLLARS = 20_000_000
_RECOVERY_SECONDS = 120  # generous: it bounds a hang, and no test is about the time


@dataclass
class PaidApplication:
    """The application and the X that it pays."""

    app: Flask
    x: InterruptedX

    def ask(self) -> int:
        """Read the account, check that the response is honest, and return how many posts it has."""
        return check_honest(self.app.test_client().get(f"/frequency.json?{QUESTION}"))

    def wait_until_spending_is_known(self) -> int:
        """Return what is booked, in micro-dollars, once the ledger can be read again."""
        budget, deadline = self.app.extensions["chorus"].budget, time.monotonic() + _RECOVERY_SECONDS
        while (remaining := budget.remaining_microdollars()) is None:
            assert time.monotonic() < deadline
            time.sleep(0.1)
        return BUDGET_MICRODOLLARS - int(remaining)

    def check_money(self, reads: int) -> None:
        """Check that whatever X charged for some reads is booked, and no more than they may cost."""
        most = reads * (LOOKUP_MICRODOLLARS + POSTS * POST_MICRODOLLARS)
        assert self.x.charged_microdollars <= self.wait_until_spending_is_known() <= most


def build_paid_application(world: fake_networks.World, x: InterruptedX, **environment: str) -> PaidApplication:
    """Return the application with these settings."""
    keys = {"X_BEARER_TOKEN": "token", "CHORUS_X_API_URL": world.url, "CHORUS_BLUESKY_API_URL": world.url}
    return PaidApplication(create_app(keys | {"CHORUS_X_BUDGET": str(BUDGET_MICRODOLLARS // 10**6)} | environment), x)


def check_honest(response: TestResponse) -> int:
    """Check that a response has what it says, or explains itself, and return how many posts it has."""
    document = response.get_json()
    if response.status_code != 200:
        assert response.status_code in (402, 503)
        assert document["detail"]
        return 0
    fetched = int(document["coverage"][0]["fetched"])
    assert sum(row["posts"] for row in document["data"]) == fetched
    assert fetched == POSTS or any(f"only {fetched} posts read so far" in note for note in document["notes"])
    return fetched
