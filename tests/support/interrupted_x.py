"""X at its worst, which charges all it may, and lets something happen while it answers a request. No test in here."""

from collections import Counter
from collections.abc import Callable

from tests.support import fake_networks
from tests.support.timeline_stores import ChargingX

LOOKUP, FIRST_PAGE, SECOND_PAGE, THIRD_PAGE = range(4)  # the requests of a read of 300 posts, in their order


class InterruptedX(ChargingX):
    """X that records every post that it sold, and calls a function in the middle of a request."""

    def __init__(self) -> None:
        super().__init__()
        self.sold = Counter[tuple[str, str]]()  # by account and post
        self._interruptions: dict[int, Callable[[], None]] = {}

    def interrupt_at(self, request_number: int, action: Callable[[], None]) -> None:
        """Call a function when a request has arrived, counted from the first one."""
        self._interruptions[request_number] = action

    def respond(self, request: fake_networks.Request) -> fake_networks.Response:
        """Answer, and record the posts in the answer."""
        self._interruptions.pop(len(self.requests) - 1, lambda: None)()
        response = super().respond(request)
        if request.path.endswith("/tweets") and response.status == 200:
            self.sold.update((request.path, post["id"]) for post in response.body.get("data", []))
        return response

    def count_sold_twice(self) -> int:
        """Return how many posts were paid for again."""
        return sum(count - 1 for count in self.sold.values())


def replace_x(world: fake_networks.World, name: str = "nasa", posts: int = 350) -> InterruptedX:
    """Replace the fake X by one that can be interrupted, with one account, and return it."""
    world.x = world.networks[0] = x = InterruptedX()
    x.has(name, posts=posts)
    return x
