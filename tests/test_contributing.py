"""The recipes of CONTRIBUTING.md: each diff applies to the code as it is, and what it adds works everywhere."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.json_server import serve_json
from tests.support.paths import ROOT

RECIPES = dict(
    re.findall(r"^### Add (.+)\n(?:(?!^###).*\n)*?```diff\n((?:.*\n)*?)```$", (ROOT / "CONTRIBUTING.md").read_text("utf-8"), re.MULTILINE)
)
ASK = """
import json, sys, warnings
warnings.simplefilter("ignore")
from dashboard.app import create_app
request = json.load(sys.stdin)
client = create_app(request["settings"]).test_client()
responses = [client.get(path) for path in request["paths"]]
print(json.dumps([[response.status_code, response.mimetype, response.get_data(as_text=True)] for response in responses]))
"""


Response = tuple[int, str, str]  # status, MIME type and text
QUESTION = "users=demo:aster-air&n=20"
NOTES = [{"id": f"n{number}", "at": f"2026-06-{number:02}T12:00:00Z", "text": "A good day", "hearts": number} for number in (3, 2, 1)]
CORKBOARD = {"/people/anna/notes?page=": {"notes": NOTES[:2], "next": "2"}, "/people/anna/notes?page=2": {"notes": NOTES[2:]}}
PATHS = {
    "a sentiment method": ["/", f"/sentiment.json?{QUESTION}&method=service", f"/report?{QUESTION}&method=service"],
    "a network": [
        "/",
        "/report?users=corkboard:anna",
        "/frequency.json?users=corkboard:anna&interval=month",
        "/posts?users=corkboard:anna",
        "/frequency.json?users=corkboard:nobody",
        "/frequency.json?users=corkboard:a1",
    ],
    "a chart": [f"/report?{QUESTION}", f"/letters.svg?{QUESTION}", f"/letters.json?{QUESTION}", "/openapi.json"],
    "an export format": [f"/report?{QUESTION}", f"/frequency.tsv?{QUESTION}", f"/frequency.json?{QUESTION}"],
}


def copy_changed(folder: Path) -> None:
    """Copy the code and apply every recipe to the copy."""
    for name in ("dashboard", "templates", "static", "lexicons"):
        shutil.copytree(ROOT / name, folder / name)  # with compiled modules, which keep their sources' times
    subprocess.run(["git", "init", "-q"], cwd=folder, check=True)
    for recipe in RECIPES.values():
        applied = subprocess.run(["git", "apply", "-"], cwd=folder, input=recipe, capture_output=True, text=True, check=False)
        assert applied.stderr == ""


@pytest.fixture(scope="module")
def responses(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Response]]:
    """What the changed copy answers, for each recipe."""
    folder = tmp_path_factory.mktemp("copy")
    copy_changed(folder)
    paths = [path for recipe_paths in PATHS.values() for path in recipe_paths]
    with serve_json(CORKBOARD) as url:
        request = json.dumps({"settings": {"CHORUS_CORKBOARD_API_URL": url}, "paths": paths})
        answered = subprocess.run([sys.executable, "-c", ASK], cwd=folder, input=request, capture_output=True, text=True, check=False)
    assert answered.returncode == 0, answered.stderr
    rows = iter([tuple(row) for row in json.loads(answered.stdout)])
    return {recipe: [next(rows) for _ in recipe_paths] for recipe, recipe_paths in PATHS.items()}


def test_the_method_of_the_recipe_is_offered_and_answers(responses: dict[str, list[Response]]) -> None:
    """The form offers it, and its sums are those of its ten words."""
    form, data, report = responses["a sentiment method"]
    assert "Customer service words" in form[2]
    assert sum(row["positive"] + row["negative"] for row in json.loads(data[2])["data"]) > 0
    assert report[0] == 200


def test_the_network_of_the_recipe_is_listed_and_read(responses: dict[str, list[Response]]) -> None:
    """The form lists it, and both pages of its notes reach the report, the data and the list of posts."""
    form, report, data, posts, unknown, invalid = responses["a network"]
    assert "Corkboard" in form[2]
    assert report[0] == 200
    assert "corkboard:anna" in report[2]
    assert json.loads(data[2])["data"] == [{"account": "corkboard:anna", "start": "2026-06-01", "posts": 3}]
    assert "https://corkboard.example/notes/n1" in posts[2]
    assert unknown[0] == 404
    assert json.loads(unknown[2])["detail"].startswith("There’s no corkboard:nobody on Corkboard.")
    assert "Names have 1 to 20 letters" in invalid[2]


def test_the_chart_of_the_recipe_is_drawn_and_exported(responses: dict[str, list[Response]]) -> None:
    """It has a section in the report, a picture, data, and a place in the OpenAPI document."""
    report, picture, data, openapi = responses["a chart"]
    assert "Letters written" in report[2]
    assert picture[1] == "image/svg+xml"
    assert list(json.loads(data[2])["data"][0]) == ["account", "posts", "letters"]
    assert "/letters.csv" in json.loads(openapi[2])["paths"]
    columns = json.loads(openapi[2])["components"]["schemas"]["LettersRow"]["properties"]
    assert columns["letters"]["description"] == "Letters of those posts."


def test_a_chart_needs_one_module_and_one_entry() -> None:
    """The recipe touches no other file."""
    files = re.findall(r"^\+\+\+ b/(\S+)$", RECIPES["a chart"], re.MULTILINE)
    assert files == ["dashboard/core/charts.py", "dashboard/reports/chart_builders/letters.py"]


def test_the_format_of_the_recipe_is_linked_and_downloaded(responses: dict[str, list[Response]]) -> None:
    """Pages link to it, and it has the rows of the JSON document."""
    report, table, data = responses["an export format"]
    assert f"/frequency.tsv?{QUESTION.replace('&', '&amp;')}" in report[2]
    assert table[1] == "text/tab-separated-values"
    assert len(table[2].splitlines()) == len(json.loads(data[2])["data"])


@pytest.mark.parametrize("recipe", RECIPES)
def test_every_recipe_has_a_test(recipe: str) -> None:
    """A recipe that nothing uses would go stale."""
    assert f'responses["{recipe}"]' in Path(__file__).read_text("utf-8")


@pytest.mark.parametrize("recipe", RECIPES)
def test_a_recipe_needs_no_other_one(recipe: str) -> None:
    """Its diff applies to the code as it is."""
    checked = subprocess.run(["git", "apply", "--check", "-"], cwd=ROOT, input=RECIPES[recipe], capture_output=True, text=True, check=False)
    assert checked.stderr == ""
