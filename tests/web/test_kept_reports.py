"""A chart is analyzed once for all of its sizes, themes and formats, in each language, as long as its posts stay the same."""

import io
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask

from dashboard.app import create_app
from dashboard.core.charts import CHARTS
from dashboard.core.query import Query
from dashboard.core.spending import NO_SPENDING
from dashboard.reports.analysis import Analysis
from dashboard.reports.chart_builders.result import ChartResult
from dashboard.reports.report import Report
from dashboard.web import fetching
from dashboard.web.kept_reports import KeptReports
from dashboard.web.services import Services
from tests.support import fake_networks
from tests.support.demo_clock import DEMO_NOON
from tests.support.fake_clock import FakeClock
from tests.support.toy_chart import TOY, build_toy

ACCOUNT = "users=demo:aster-air&n=20"
analyses: list[Analysis] = []
is_building, may_end = threading.Event(), threading.Event()


def build_counted_toy(analysis: Analysis) -> ChartResult:
    """Return the toy as soon as it may end, and remember its analysis."""
    analyses.append(analysis)
    is_building.set()
    may_end.wait(timeout=30)
    return build_toy(analysis)


@pytest.fixture
def clock() -> FakeClock:
    """The time of the application."""
    return FakeClock(DEMO_NOON)


@pytest.fixture
def app(clock: FakeClock, world: fake_networks.World, tmp_path: Path) -> Iterator[Flask]:
    """An application that has one chart more, which it may build at once."""
    analyses.clear()
    is_building.clear()
    may_end.set()
    with CHARTS.registered(replace(TOY, builder=f"{__name__}:build_counted_toy")):
        yield create_app({"CHORUS_BLUESKY_API_URL": world.url, "CHORUS_DATASETS": str(tmp_path)}, clock)


def read(app: Flask, *paths: str) -> list[str]:
    """Return the texts of these responses."""
    client = app.test_client()
    responses = [client.get(path) for path in paths]
    assert [response.status_code for response in responses] == [200] * len(paths)
    return [response.get_data(as_text=True) for response in responses]


@pytest.mark.slow
def test_other_forms_of_a_chart_use_the_same_analysis(app: Flask) -> None:
    """Each is still what its address asks for."""
    small, large, dark, slide, *_ = read(
        app,
        f"/toy.svg?{ACCOUNT}&width=480",
        f"/toy.svg?{ACCOUNT}&width=800",
        f"/toy.svg?{ACCOUNT}&theme=dark",
        f"/toy.svg?{ACCOUNT}&frame=slide",
        f"/toy.csv?{ACCOUNT}",
        f"/toy.json?{ACCOUNT}",
        f"/html/toy?{ACCOUNT}&embed=1",
    )
    assert len(analyses) == 1
    assert 'width="480"' in small
    assert 'width="800"' in large
    assert 'viewBox="0 0 1600 900"' in slide
    background = "#ffffff"
    assert background in small
    assert background not in dark


@pytest.mark.parametrize("option", ["n=19", "n=20&tz=Asia/Tokyo", "n=20&kinds=post", "n=20&method=vader", "n=20&lang=de"])
def test_another_question_is_analyzed_again(app: Flask, option: str) -> None:
    """And so is another language, because an analysis has sentences."""
    read(app, f"/toy.csv?{ACCOUNT}", f"/toy.svg?users=demo:aster-air&{option}")
    assert len(analyses) == 2


def test_posts_that_were_read_again_are_analyzed_again(app: Flask, clock: FakeClock, world: fake_networks.World) -> None:
    """There may be new ones."""
    path = "/toy.json?users=nasa.bsky.social"
    world.bluesky.has("nasa", posts=3)
    read(app, path)
    world.bluesky.has("nasa", posts=4)
    clock.advance(timedelta(days=1))
    read(app, path)
    assert [analysis.fetched.post_count for analysis in analyses] == [3, 4]


def test_readers_of_the_same_moment_get_their_own_language(app: Flask) -> None:
    """The second one asks while the first one's report is being built."""
    may_end.clear()
    texts = dict[str, str]()

    def ask(language: str) -> None:
        (texts[language],) = read(app, f"/toy.svg?{ACCOUNT}&lang={language}")

    readers = [threading.Thread(target=ask, args=[language]) for language in ("en", "de")]
    readers[0].start()
    is_building.wait(timeout=30)
    readers[1].start()
    while readers[1].is_alive() and len(analyses) < 2:
        readers[1].join(timeout=0.01)
    may_end.set()
    for reader in readers:
        reader.join(timeout=30)
    assert len(analyses) == 2
    assert texts["en"] != texts["de"]


def test_the_reports_used_last_are_kept(app: Flask) -> None:
    """As many as fit, by their number and by their posts; one that is too large is never kept."""
    report = build_any_report(app)
    kept = KeptReports(max_count=2, max_posts=100)
    for key, post_count in [("a", 40), ("b", 40), ("a", 40)]:
        kept.put(key, report, post_count, kept.generation)
    kept.put("c", report, 10, kept.generation)
    assert [kept.get(key) is report for key in "abc"] == [True, False, True]
    kept.put("d", report, 70, kept.generation)
    assert [kept.get(key) is report for key in "acd"] == [False, True, True]
    kept.put("e", report, 101, kept.generation)
    assert [kept.get(key) is report for key in "cde"] == [True, True, False]
    kept.clear()
    assert [kept.get(key) for key in "cd"] == [None, None]


def test_a_report_that_was_being_built_when_a_file_was_deleted_is_not_kept(app: Flask) -> None:
    """Otherwise the posts of the file would stay in memory, which nobody can ask for any longer."""
    services: Services = app.extensions["chorus"]
    dataset = services.upload_storage.datasets.import_file(io.BytesIO(b"date,text\n2026-03-02 10:00,Fog\n"), "fog.csv")
    may_end.clear()
    reader = threading.Thread(target=app.test_client().get, args=[f"/toy.svg?users={dataset.canonical_name}"])
    reader.start()
    is_building.wait(timeout=30)
    assert app.test_client().post(f"/datasets/{dataset.id}/delete", data={"key": dataset.owner_key}).status_code == 200
    may_end.set()
    reader.join(timeout=30)
    assert len(analyses) == 1
    assert services.kept_reports.post_count == 0


def build_any_report(app: Flask) -> Report:
    """Return a report of the demo."""
    with app.app_context():
        return fetching.build_report("toy", fetching.start_fetch(Query.parse({"users": ["demo:aster-air"]}), NO_SPENDING))
