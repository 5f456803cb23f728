"""The documentation: the site builds offline without a warning, and its reference pages name everything there is."""

import re
import subprocess
import sys
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import pytest

from dashboard import cli
from dashboard.app import create_app
from dashboard.config.settings import VARIABLES, load_settings
from dashboard.core.charts import CHARTS
from dashboard.core.methods import METHODS
from dashboard.core.query import Query
from dashboard.telemetry.metrics import Metrics
from dashboard.web.errors import STATUS_BY_ERROR
from tests.support.paths import ROOT

DOCS = ROOT / "docs"
README = (ROOT / "README.md").read_text(encoding="utf-8")
CLIENT = create_app({}).test_client


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built site."""
    folder = tmp_path_factory.mktemp("site")
    command = [
        sys.executable,
        "-m",
        "sphinx",
        "-W",
        "--keep-going",
        "-q",
        "-E",
        "-d",
        str(folder / "doctrees"),
        str(DOCS),
        str(folder / "html"),
    ]
    built = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert built.returncode == 0
    assert built.stderr == ""
    return folder / "html"


class Loaded(HTMLParser):
    """Collects the URLs that a page loads by itself, the pages it links to, and its text."""

    def __init__(self, page: Path) -> None:
        super().__init__()
        self.loads, self.links, self.text = list[str](), list[str](), ""
        self.feed(page.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Sort a tag's URLs."""
        attributes = dict(attrs)
        if tag == "link":
            self.loads += [attributes["href"] or ""] if attributes.get("rel") in ("stylesheet", "icon", "preload") else []
        elif tag == "a":
            self.links += [attributes.get("href") or ""]
        else:
            self.loads += [attributes["src"] or ""] if "src" in attributes else []

    def handle_data(self, data: str) -> None:
        """Collect text."""
        self.text += data


def test_no_page_loads_anything_from_elsewhere(site: Path) -> None:
    """Fonts, scripts, styles and images come with the site."""
    loads = {url for page in site.rglob("*.html") for url in Loaded(page).loads}
    assert [url for url in loads if re.match(r"(\w+:)?//", url)] == []


def test_the_first_page_has_a_title_of_its_own(site: Path) -> None:
    """A tab says which page it is and of what, without repeating itself."""
    assert "<title>Overview &#8212; Chorus documentation</title>" in (site / "index.html").read_text(encoding="utf-8")


def test_no_stylesheet_loads_anything_from_elsewhere(site: Path) -> None:
    """Neither do the styles themselves."""
    assert [page.name for page in site.rglob("*.css") if re.search(r"(url\(|@import )['\"]?(https?:)?//", page.read_text("utf-8"))] == []


def test_the_site_can_be_searched_without_a_server(site: Path) -> None:
    """The index is a script, which browsers load from a folder too; a word of a reference page is in it."""
    assert "searchindex.js" in Loaded(site / "search.html").loads
    assert "CHORUS_X_BUDGET".lower() in (site / "searchindex.js").read_text(encoding="utf-8")


def test_every_page_can_be_reached_from_the_first(site: Path) -> None:
    """No page is left without a link to it."""
    pages = [page for page in site.rglob("*.html") if "_static" not in page.parts and page.name not in ("search.html", "genindex.html")]
    linked = {(page.parent / url.partition("#")[0]).resolve() for page in pages for url in Loaded(page).links}
    assert [page.name for page in pages if page.resolve() not in linked] == []


def routes() -> list[str]:
    """Return every route as people write it."""
    rules = (str(rule).replace("<chart:kind>", "KIND") for rule in create_app({}).url_map.iter_rules())
    return sorted({re.sub(r"<format[^>]*:file_format>", "FORMAT", rule) for rule in rules})


def columns() -> list[str]:
    """Return every column of every chart, as a program gets them."""
    schemas = CLIENT().get("/openapi.json").get_json()["components"]["schemas"]
    return sorted({name for kind in CHARTS.names() for name in schemas[f"{kind.capitalize()}Row"]["properties"]})


def families() -> list[str]:
    """Return every metric as Prometheus reads it."""
    return re.findall(r"^# TYPE (\w+)", Metrics().render_text().decode(), re.MULTILINE)


@pytest.mark.parametrize(
    ("page", "names"),
    [
        ("api/urls", routes),
        ("api/parameters", lambda: list(Query.model_fields)),
        ("api/charts", lambda: list(CHARTS.names())),
        ("api/charts", columns),
        ("use/charts", lambda: [chart.page_heading("").rstrip(" \xa0–") for chart in CHARTS]),
        ("use/accounts", lambda: sorted(set(re.findall(r"demo:[a-z-]+", CLIENT().get("/").text)))),
        ("api/errors", lambda: sorted({str(status) for status in STATUS_BY_ERROR.values()} - {"500"})),
        ("use/numbers", lambda: list(METHODS.names())),
        ("operate/settings", lambda: [variable.name for variable in VARIABLES]),
        ("operate/metrics", families),
        ("operate/command-line", lambda: [*(f"chorus {name}" for name in cli.chorus.commands), "--columns", "--data", "--port"]),
    ],
)
def test_a_reference_page_names_everything(site: Path, page: str, names: Callable[[], list[str]]) -> None:
    """What the program offers is in the manual."""
    text = Loaded(site / f"{page}.html").text
    listed = names()
    assert [name for name in listed if not re.search(rf"(?<![\w-]){re.escape(name)}(?!\w)", text)] == []
    assert listed != []


def test_the_architecture_page_shows_every_package() -> None:
    """Its table and its diagram name each package of the code, and no other."""
    packages = {folder.parent.name for folder in (ROOT / "dashboard").glob("*/__init__.py")}
    page = (DOCS / "contribute" / "architecture.md").read_text(encoding="utf-8")
    diagram = (DOCS / "contribute" / "packages.svg").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE)) == packages
    assert set(re.findall(r'class="name">(\w+)<', diagram)) == packages | {"app", "cli", "config"}


def test_every_setting_that_is_read_is_described() -> None:
    """The names that config reads from the environment are those it explains."""

    class Asked(dict[str, str]):
        def get(self, name: str, default: str = "") -> str:  # type: ignore[override]
            self[name] = ""
            return default

    recorder = Asked()
    load_settings(recorder)
    assert sorted(recorder) == sorted(variable.name for variable in VARIABLES)


def test_the_readme_is_short() -> None:
    """It fits on about one and a half screens."""
    assert len(README.splitlines()) <= 80


@pytest.mark.parametrize("page", sorted(path for path in ROOT.glob("*.md")), ids=lambda page: page.name)
def test_links_of_pages_beside_the_site_lead_somewhere(page: Path) -> None:
    """Links to files of the repository exist."""
    links = re.findall(r"\]\(((?!http|mailto:)[^)#]+)\)", page.read_text(encoding="utf-8"))
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_faults_name_the_tests_that_cause_them() -> None:
    """Each test that the page on reliability names exists, and is part of the fault suite."""
    names = re.findall(r"`([\w/]+/test_\w+\.py)`", (DOCS / "operate" / "reliability.md").read_text(encoding="utf-8"))
    assert len(names) > 10
    assert [name for name in names if "pytest.mark.faults" not in (ROOT / "tests" / name).read_text(encoding="utf-8")] == []


def test_make_alone_prints_its_targets() -> None:
    """`make` without a target says what there is."""
    output = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert [name for name in ("make run", "make test", "make docs") if name not in output] == []


@pytest.mark.parametrize(
    "name", ["requirements.txt", "requirements-dev.txt", "requirements-models.txt", "package-lock.json", "Makefile", ".npmrc"]
)
def test_no_lock_names_a_registry(name: str) -> None:
    """Locks pin by hash and name no host, so they work behind any mirror."""
    assert re.findall(r"https?://|-index-url \S+://|find-links", (ROOT / name).read_text(encoding="utf-8")) == []


def test_decisions_are_numbered_and_dated() -> None:
    """Each has the next number, a date not before the last one's, and what would change our mind."""
    parts = re.split(r"^## ", (DOCS / "decisions.md").read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    numbers = [int(re.match(r"(\d+)\. ", part)[1]) if re.match(r"(\d+)\. ", part) else part.splitlines()[0] for part in parts]  # type: ignore[index]
    dates = [re.findall(r"^\*(\d{4}-\d\d-\d\d)\.\*", part, re.MULTILINE) for part in parts]
    assert numbers == list(range(1, len(parts) + 1))
    assert [number for number, decision_date in zip(numbers, dates, strict=True) if len(decision_date) != 1] == []
    assert dates == sorted(dates)
    assert [number for number, part in zip(numbers, parts, strict=True) if "**Would change our mind:**" not in " ".join(part.split())] == []
