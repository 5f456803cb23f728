"""Addresses that nearly exist: people add a slash, programs capital letters, and both try other formats."""

import pytest
from flask.testing import FlaskClient


@pytest.mark.parametrize(
    ("method", "path", "target"),
    [
        ("GET", "/report/", "/report"),
        ("GET", "/Report//", "/report"),
        ("GET", "/frequency.CSV", "/frequency.csv"),
        ("GET", "/html/Frequency/", "/html/frequency"),
        ("HEAD", "/report/", "/report"),
        ("POST", "/predict/", "/predict"),
    ],
)
def test_a_slash_or_capital_letters_lead_to_the_address(demo_client: FlaskClient, method: str, path: str, target: str) -> None:
    """The method and the query stay as they are."""
    response = demo_client.open(path + "?users=demo:aster-air&n=5", method=method)
    assert response.status_code == 308
    assert response.headers["Location"] == f"{target}?users=demo:aster-air&n=5"


@pytest.mark.parametrize("path", ["//other.example/", "/other.example//report/", "/nowhere/", "/STATIC/page.js", "/"])
def test_nothing_leads_to_another_site_or_from_an_address_to_itself(demo_client: FlaskClient, path: str) -> None:
    """Only an address that exists here is redirected to."""
    assert "Location" not in demo_client.get("/", environ_overrides={"PATH_INFO": path}).headers


def test_an_address_for_another_method_is_not_redirected_to(demo_client: FlaskClient) -> None:
    """The redirect would end in a refusal."""
    assert demo_client.delete("/report/").status_code == 404


@pytest.mark.parametrize(
    ("path", "formats"),
    [
        ("/frequency.jpg", ".png, .svg, .csv, .json, .xlsx and .parquet"),
        ("/posts.png", ".csv, .json, .xlsx and .parquet"),
        ("/report.pdf", ".csv, .json and .pptx"),
    ],
)
def test_a_wrong_suffix_is_answered_with_the_right_ones(demo_client: FlaskClient, path: str, formats: str) -> None:
    """A program learns what to ask for instead."""
    response = demo_client.get(path + "?users=demo:aster-air")
    assert response.status_code == 404
    assert response.get_json()["detail"] == f"There’s no {path[path.index('.') :]} here. The formats are {formats}."


@pytest.mark.parametrize("path", ["/nowhere.jpg", "/frequency.", "/.csv", "/a.b/c"])
def test_the_formats_of_nothing_are_not_listed(demo_client: FlaskClient, path: str) -> None:
    """An address of which nothing exists is only called that."""
    assert "The formats are" not in demo_client.get(path).text
