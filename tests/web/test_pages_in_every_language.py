"""Pages are wholly in their language: nothing English is left of what the catalogs translate, and every placeholder is filled."""

import itertools

import pytest
from flask.testing import FlaskClient

from tests.support.catalogs import TRANSLATED_LANGUAGES
from tests.support.fault_suite import list_cases
from tests.support.untranslated_texts import list_english

PAGES = {
    "/": 200,
    "/?users=nasa": 200,
    "/report?users=demo:aster-air,demo:harbour-news": 200,
    "/report?users=demo:small-clocks&n=60&method=model": 200,
    "/report?users=demo:aster-air&since=2020-01-01&until=2020-02-01": 200,
    "/html/compare?users=demo:aster-air,demo:harbour-news": 200,
    "/html/events?users=demo:aster-air": 200,
    "/posts?users=demo:aster-air&polarity=negative": 200,
    "/posts?users=demo:museum-am-faehrkai": 200,
    "/classify": 200,
    "/model": 200,
    "/classify?text=I+love+it+but+trains+are+late": 200,
    "/report?users=": 400,
    "/report?users=Jane+Goodall,%23tag&n=x&since=zzz&tz=Berlin": 400,
    "/nothing": 404,
}
ONE_LANGUAGE_EACH = list(zip(PAGES, itertools.cycle(TRANSLATED_LANGUAGES), strict=False))  # which language finds a text hardly matters


@pytest.mark.slow
@pytest.mark.parametrize(("address", "language"), list_cases(ONE_LANGUAGE_EACH, list(PAGES), list(TRANSLATED_LANGUAGES)))
def test_a_page_has_no_english_left(demo_client: FlaskClient, address: str, language: str) -> None:
    """A sentence that is assembled too early, or in a thread that doesn't know the language, would be English."""
    client = demo_client.application.test_client(use_cookies=False)
    response = client.get(address, headers={"Accept": "text/html", "Accept-Language": language})
    assert (response.status_code, response.headers["Content-Language"]) == (PAGES[address], language)
    assert list_english(response.text, language) == []
