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


def ask_changed_copy(recipe: str, folder: Path, paths: list[str], **settings: str) -> list[tuple[int, str, str]]:
    """Return status, MIME type and text of each path, asked of a copy of the code to which a recipe was applied."""
    for name in ("dashboard", "templates", "static", "lexicons"):
        shutil.copytree(ROOT / name, folder / name)  # with compiled modules, which keep their sources' times
    subprocess.run(["git", "init", "-q"], cwd=folder, check=True)
    applied = subprocess.run(["git", "apply", "-"], cwd=folder, input=RECIPES[recipe], capture_output=True, text=True, check=False)
    assert applied.stderr == ""
    request = json.dumps({"settings": settings, "paths": paths})
    answered = subprocess.run([sys.executable, "-c", ASK], cwd=folder, input=request, capture_output=True, text=True, check=False)
    assert answered.returncode == 0, answered.stderr
    return [tuple(row) for row in json.loads(answered.stdout)]


def test_the_method_of_the_recipe_is_offered_and_answers(tmp_path: Path) -> None:
    """The form offers it, and its sums are those of its ten words."""
    question = "users=demo:aster-air&n=100&method=service"
    form, data, report = ask_changed_copy("a sentiment method", tmp_path, ["/", f"/sentiment.json?{question}", f"/report?{question}"])
    assert "Customer service words" in form[2]
    assert sum(row["positive"] + row["negative"] for row in json.loads(data[2])["data"]) > 0
    assert report[0] == 200


def test_the_network_of_the_recipe_is_listed_and_read(tmp_path: Path) -> None:
    """The form lists it, and both pages of its notes reach the report, the data and the list of posts."""
    notes = [{"id": f"n{number}", "at": f"2026-06-{number:02}T12:00:00Z", "text": "A good day", "hearts": number} for number in (3, 2, 1)]
    documents = {"/people/anna/notes?page=": {"notes": notes[:2], "next": "2"}, "/people/anna/notes?page=2": {"notes": notes[2:]}}
    paths = [
        "/",
        "/report?users=corkboard:anna",
        "/frequency.json?users=corkboard:anna&interval=month",
        "/posts?users=corkboard:anna",
        "/frequency.json?users=corkboard:nobody",
        "/frequency.json?users=corkboard:a1",
    ]
    with serve_json(documents) as url:
        form, report, data, posts, unknown, invalid = ask_changed_copy("a network", tmp_path, paths, CHORUS_CORKBOARD_API_URL=url)
    assert "Corkboard" in form[2]
    assert report[0] == 200
    assert "corkboard:anna" in report[2]
    assert json.loads(data[2])["data"] == [{"account": "corkboard:anna", "start": "2026-06-01", "posts": 3}]
    assert "https://corkboard.example/notes/n1" in posts[2]
    assert unknown[0] == 404
    assert json.loads(unknown[2])["detail"].startswith("There's no corkboard:nobody on Corkboard.")
    assert "Names have 1 to 20 letters" in invalid[2]


def test_the_chart_of_the_recipe_is_drawn_and_exported(tmp_path: Path) -> None:
    """It has a section in the report, a picture, data, and a place in the OpenAPI document."""
    question = "users=demo:aster-air&n=20"
    paths = [f"/report?{question}", f"/letters.svg?{question}", f"/letters.json?{question}", "/openapi.json"]
    report, picture, data, openapi = ask_changed_copy("a chart", tmp_path, paths)
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


def test_the_format_of_the_recipe_is_linked_and_downloaded(tmp_path: Path) -> None:
    """Pages link to it, and it has the rows of the JSON document."""
    question = "users=demo:aster-air&n=20"
    report, table, data = ask_changed_copy(
        "an export format", tmp_path, [f"/report?{question}", f"/frequency.tsv?{question}", f"/frequency.json?{question}"]
    )
    assert f"/frequency.tsv?{question.replace('&', '&amp;')}" in report[2]
    assert table[1] == "text/tab-separated-values"
    assert len(table[2].splitlines()) == len(json.loads(data[2])["data"])


@pytest.mark.parametrize("recipe", RECIPES)
def test_every_recipe_has_a_test(recipe: str) -> None:
    """A recipe that nothing uses would go stale."""
    assert f'ask_changed_copy("{recipe}"' in Path(__file__).read_text("utf-8").replace("(\n        ", "(")
