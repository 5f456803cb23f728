"""An image is drawn once for the same chart of the same posts, and not at all for a client that has it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from flask.testing import FlaskClient

from dashboard.app import create_app
from dashboard.web.formats import FORMATS, Picture, PictureFormat
from tests.support.fake_clock import FakeClock
from tests.support.redis_server import run_redis_server

URL = "/frequency.sketch?users=demo:aster-air&n=30"
CLOCK = FakeClock(datetime(2026, 11, 2, 12, tzinfo=UTC))


@pytest.fixture
def sketches() -> Iterator[list[Picture]]:
    """The pictures that a registered format has drawn."""
    drawn: list[Picture] = []

    def sketch(picture: Picture) -> bytes:
        drawn.append(picture)
        return f"{picture.chart.title} {picture.width}".encode()

    with FORMATS.registered(PictureFormat(name="sketch", title="Sketch", mime_type="image/x-sketch", render=sketch)):
        yield drawn


def open_client(clock: FakeClock = CLOCK, **environment: str) -> FlaskClient:
    """Return a client of a new application, which has kept nothing yet."""
    return create_app(environment, clock).test_client()


def test_the_same_image_is_drawn_once(sketches: list[Picture]) -> None:
    """The second response has the same bytes and the same ETag."""
    client = open_client()
    first, second = client.get(URL), client.get(URL)
    assert len(sketches) == 1
    assert second.data == first.data
    assert second.headers["ETag"] == first.headers["ETag"]


def test_nothing_is_drawn_for_a_client_that_has_the_image(sketches: list[Picture]) -> None:
    """Another process knows the ETag as well, because it depends on the question and the posts alone."""
    etag = open_client().get(URL).headers["ETag"]
    response = open_client().get(URL, headers={"If-None-Match": etag})
    assert response.status_code == 304
    assert response.data == b""
    assert len(sketches) == 1


@pytest.mark.parametrize("option", ["n=29", "width=800", "theme=dark", "tz=Europe/Berlin", "kinds=post", "last=365d", "scale=1"])
def test_another_question_is_another_image(sketches: list[Picture], option: str) -> None:
    """Every option that may change an image changes its ETag."""
    client = open_client()
    other = client.get(f"/frequency.sketch?users=demo:aster-air&{'n=30&' if not option.startswith('n=') else ''}{option}")
    assert other.headers["ETag"] != client.get(URL).headers["ETag"]
    assert len(sketches) == 2


def test_another_image_is_drawn_only_if_the_posts_have_changed(sketches: list[Picture]) -> None:
    """The demo's do so once a week; an image says since when they are what they are."""
    clock = FakeClock(CLOCK.now)
    client = open_client(clock)
    first = client.get(URL)
    clock.advance(timedelta(hours=1))
    assert client.get(URL).headers["ETag"] == first.headers["ETag"]
    clock.advance(timedelta(weeks=1))
    assert client.get(URL).headers["ETag"] != first.headers["ETag"]
    assert len(sketches) == 2


def test_variants_are_different_images(sketches: list[Picture]) -> None:
    """An image without its texts isn't the one with them."""
    client = open_client()
    bodies = {client.get(URL.replace("/frequency", f"/kept/{variant}frequency")).data for variant in ("", "bare/")}
    assert len(bodies) == 2
    assert len(sketches) == 2


def test_an_image_that_was_drawn_for_another_instance_is_used(sketches: list[Picture]) -> None:
    """Instances with one Redis share their images."""
    with run_redis_server() as redis:
        first, second = (open_client(CHORUS_CACHE_URL=redis.url).get(URL) for _ in range(2))
    assert second.data == first.data
    assert len(sketches) == 1
