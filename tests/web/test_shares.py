"""The share of the server that one kind of work may use, and what is refused if too many want it."""

import threading
import time

import pytest

from dashboard.core.errors import ServerBusy
from dashboard.web.shares import Share


def test_work_beyond_the_bound_is_refused() -> None:
    """There is room for one, and nobody may wait."""
    share = Share(1, 0, "There is too much to do.")
    with share.take(), pytest.raises(ServerBusy, match="There is too much to do"), share.take():
        pass
    with share.take():
        assert share.present_count == 1
    assert share.present_count == 0


def test_work_that_has_begun_waits_instead_of_being_refused() -> None:
    """A report whose numbers are computed is rendered, however many others have come meanwhile."""
    share, steps = Share(1, 0), list[str]()

    def finish() -> None:
        with share.take_instead_of_turn(has_begun=True):
            steps.append("finished")

    with share.take():
        waiting = threading.Thread(target=finish)
        waiting.start()
        while share.present_count < 2 and waiting.is_alive():  # it would have ended if it had been refused
            time.sleep(0.01)
        steps.append("other work")
    waiting.join()
    assert steps == ["other work", "finished"]
