"""The demo timelines are the same everywhere, read naturally, and show what the dashboard can show."""

import re
import tomllib
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from statistics import median

import pytest

from dashboard.core import post_text, posts
from dashboard.core.accounts import Account, parse_account
from dashboard.core.source_errors import AccountNotFound
from dashboard.sources import base, demo_world, fetch
from dashboard.sources.demo import DemoSource, load_organisations
from tests.support.demo_clock import DEMO_NOON
from tests.support.fake_clock import FakeClock

NAMES = [organisation.name for organisation in load_organisations()]
SIZES = {
    "harbour-news": 3200,
    "aster-air": 2100,
    "tarnside-rovers": 1300,
    "sablonne-council": 900,
    "moss-and-kettle": 700,
    "pennywren": 450,
    "museum-am-faehrkai": 620,
    "small-clocks": 90,
}
DIGEST = "826be9578c0f6cf4567597f9f735c672f34e61bce4e85de737e6a295c54d13e6"  # changes with every phrase: if you meant that, pin the new one
GOOD = {"thank", "thanks", "lovely", "love", "wonderful", "happy", "great", "beautiful", "proud", "best", "joy", "superb", "glad", "good"}
BAD = {"sorry", "broken", "cancelled", "failure", "failed", "terrible", "awful", "stuck", "wrong", "lost", "angry", "damage", "storm"}
BRANDS = {"google", "microsoft", "amazon", "ryanair", "easyjet", "lufthansa", "starbucks", "nespresso", "twitter", "facebook"}


def net(posts_of_day):
    """Return positive words minus negative words."""
    words = [word for post in posts_of_day for word in re.findall(r"[a-z]+", post["text"].lower())]
    return sum((word in GOOD) - (word in BAD) for word in words)


def by_day(name):
    """Return the posts of each day of the year that has any."""
    days: dict[date, list] = {}
    for post in demo_world.build_timeline(name):
        days.setdefault(post["created_at"].date(), []).append(post)
    return days


def rows(name, expected):
    """Return the posts that the source yields as rows."""
    return [
        row
        for page in DemoSource(FakeClock(DEMO_NOON)).iter_pages(Account("demo", name), expected, deadline=0.0)
        for row in page.frame.to_dicts()
    ]


@pytest.mark.slow
def test_posts_are_the_same_everywhere():
    """Every field is the same on every machine and Python version."""
    digest = sha256()
    for name in NAMES:
        for post in demo_world.build_timeline(name):
            digest.update(repr([(key, str(value)) for key, value in sorted(post.items())]).encode())
    assert digest.hexdigest() == DIGEST


@pytest.mark.slow
def test_the_organisations_are_fixed():
    """Each has its number of posts."""
    assert {name: len(demo_world.build_timeline(name)) for name in NAMES} == SIZES


@pytest.mark.parametrize("organisation", load_organisations(), ids=NAMES)
def test_names_are_valid_accounts(organisation):
    """Each has a title and a sentence for the form."""
    assert parse_account(f"demo:{organisation.name}") == Account("demo", organisation.name)
    assert organisation.title and organisation.about.endswith(".")


@pytest.mark.parametrize("name", NAMES)
def test_posts_are_within_the_demo_year(name):
    """They are newest first."""
    times = [post["created_at"] for post in demo_world.build_timeline(name)]
    assert times == sorted(times, reverse=True)
    assert datetime(2025, 11, 1, tzinfo=UTC) <= times[-1] < times[0] < datetime(2026, 11, 1, tzinfo=UTC)


@pytest.mark.parametrize("name", NAMES)
def test_ids_increase_with_time(name):
    """They are unique, as on a real network."""
    ids = [int(post["id"]) for post in demo_world.build_timeline(name)]
    assert ids == sorted(set(ids), reverse=True)


@pytest.mark.parametrize("name", NAMES)
def test_rows_have_the_columns_of_the_schema(name):
    """The reader adds the account."""
    assert {tuple(post) for post in demo_world.build_timeline(name)} == {
        tuple(column for column in posts.SCHEMA if column not in ("account", "date_only"))
    }


@pytest.mark.parametrize("name", NAMES)
def test_few_texts_repeat(name):
    """Fewer than two in a hundred repeat another."""
    texts = [post["text"] for post in demo_world.build_timeline(name)]
    assert 1 - len(set(texts)) / len(texts) < 0.02


@pytest.mark.parametrize("name", NAMES)
def test_texts_are_clean(name):
    """Every slot is filled, and no text is empty or too long."""
    for post in demo_world.build_timeline(name):
        assert post["text"] == post_text.clean_text(post["text"]).strip() and not re.search(r"[{}]|  |\.\.", post["text"])
        assert 5 <= len(post["text"].split()) <= 75


@pytest.mark.parametrize("name", NAMES)
def test_articles_are_correct(name):
    """There is no “a apple” and no “an 7”."""
    wrong = re.compile(r"\ba (?=[aeio]\w+|8|11\b|18\b)(?!one|a \b)|\ban (?=[bcdfgjklmnpqrstvwxyz2-79])")
    assert [text for text in (post["text"] for post in demo_world.build_timeline(name) if post["lang"] == "en") if wrong.search(text)] == []


@pytest.mark.parametrize("name", NAMES)
def test_links_have_reserved_domains(name):
    """Every URL is on a domain reserved for examples."""
    for post in demo_world.build_timeline(name):
        assert all(host.endswith(".example") for host in re.findall(r"(?:https?://|\w@)([\w.-]*[\w])", post["text"]))


@pytest.mark.parametrize("name", NAMES)
def test_no_brands_are_named(name):
    """Known brand names don't occur."""
    text = "\n".join(post["text"] for post in demo_world.build_timeline(name)).lower()
    assert {brand for brand in BRANDS if brand in text} == set()


@pytest.mark.parametrize("name", NAMES)
def test_every_kind_occurs(name):
    """Each timeline has posts, replies, reposts and quotes; replies begin with a name, reposts say whose they are."""
    kinds = Counter(post["kind"] for post in demo_world.build_timeline(name))
    assert set(kinds) == set(posts.POST_KINDS) and kinds["post"] > kinds["quote"]
    for post in demo_world.build_timeline(name):
        assert post["text"].startswith("@") or post["kind"] != "reply"
        assert post["text"].startswith("RT @") == (post["kind"] == "repost")


def test_the_airline_mostly_replies():
    """More than half of its posts are replies; the newsroom hardly replies at all."""
    share = {name: Counter(post["kind"] for post in demo_world.build_timeline(name))["reply"] / SIZES[name] for name in NAMES}
    assert share["aster-air"] > 0.5 and share["harbour-news"] < 0.1


def test_two_organisations_post_in_two_languages():
    """The council uses English and French, the museum in Berlin mostly German; the others only English."""
    langs = {name: {post["lang"] for post in demo_world.build_timeline(name)} for name in NAMES}
    assert langs.pop("sablonne-council") == {"en", "fr"}
    assert langs.pop("museum-am-faehrkai") == {"de", "en"}
    assert set(map(frozenset, langs.values())) == {frozenset({"en"})}


def test_weekdays_are_correct():
    """A post that names its own day names the right one."""
    for post in demo_world.build_timeline("moss-and-kettle"):
        named = re.search(r"What else does a (\w+) need", post["text"])
        assert named is None or named[1] == f"{post['created_at']:%A}"


def test_the_council_keeps_office_hours():
    """Except during the festival, it posts on weekdays between eight and six."""
    festival = {date(2026, 6, day) for day in range(18, 23)}
    usual = [post for post in demo_world.build_timeline("sablonne-council") if post["created_at"].date() not in festival]
    odd = [post for post in usual if post["created_at"].weekday() > 4 or not 7 <= post["created_at"].hour <= 18]
    assert len(odd) < 0.02 * len(usual)


def test_the_council_is_quiet_in_august():
    """It hardly posts in that month."""
    months = Counter(post["created_at"].month for post in demo_world.build_timeline("sablonne-council"))
    assert months[8] < 10 < 50 < min(count for month, count in months.items() if month != 8)


def test_the_club_is_busiest_at_weekends():
    """Saturday is its busiest day, and June its quietest month."""
    timeline = demo_world.build_timeline("tarnside-rovers")
    assert Counter(post["created_at"].weekday() for post in timeline).most_common(1)[0][0] == 5
    assert Counter(post["created_at"].month for post in timeline).most_common()[-1][0] == 6


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("aster-air", date(2026, 9, 15)),
        ("aster-air", date(2026, 9, 16)),
        ("pennywren", date(2026, 3, 26)),
        ("harbour-news", date(2026, 10, 15)),
    ],
)
def test_bad_days_have_negative_sentiment(name, day):
    """An outage or a storm has many posts, and a net far below the median."""
    days = by_day(name)
    assert len(days[day]) > 2 * median(map(len, days.values()))
    assert net(days[day]) < min(-5, median(map(net, days.values())) - 5)


@pytest.mark.parametrize(("name", "day"), [("moss-and-kettle", date(2026, 5, 20)), ("tarnside-rovers", date(2026, 5, 9))])
def test_good_days_have_positive_sentiment(name, day):
    """A launch or a championship has many posts, and a net above the median."""
    days = by_day(name)
    around = [post for near in (day - timedelta(1), day, day + timedelta(1)) for post in days.get(near, [])]
    assert len(around) > 5 * median(map(len, days.values()))
    assert net(around) > 3 + 3 * max(0, median(map(net, days.values())))


def test_the_days_after_the_outage_are_positive():
    """Three days later, the airline's sentiment is better than usual."""
    days = by_day("aster-air")
    assert net(days[date(2026, 9, 18)] + days[date(2026, 9, 19)]) > 2 * median(map(net, days.values()))


def test_the_announcement_comes_before_replies():
    """The airline says what happened before it answers anyone."""
    first = min(by_day("aster-air")[date(2026, 9, 15)], key=lambda post: post["created_at"])
    assert first["text"].startswith("We have a serious computer failure.")


def test_posts_about_the_outage_get_more_replies():
    """They have more than other posts."""
    days = by_day("aster-air")
    usual = median(post["replies"] for post in demo_world.build_timeline("aster-air"))
    assert median(post["replies"] for post in days[date(2026, 9, 15)]) > 2 * usual


def test_views_may_be_unknown():
    """One account's network has no views, which are null; all other counts are plausible."""
    unknown = {name for name in NAMES if demo_world.build_timeline(name)[0]["views"] is None}
    assert unknown == {"pennywren"}
    for post in (post for name in NAMES for post in demo_world.build_timeline(name)):
        assert all(isinstance(post[column], int) and post[column] >= 0 for column in ("likes", "reposts", "replies", "quotes"))
        assert post["views"] is None or post["views"] >= post["likes"]


def test_a_span_is_half_open():
    """`since` is included and `until` isn't, and the limit applies within them."""
    all_ = demo_world.build_timeline("pennywren")
    since, until = all_[-1]["created_at"], all_[-11]["created_at"]
    assert [row["id"] for row in rows("pennywren", base.TimelineRequest(3200, since, until))] == [post["id"] for post in all_[-10:]]
    assert len(rows("pennywren", base.TimelineRequest(4, since, until))) == 4


def test_a_timeline_is_complete_unless_the_limit_cuts_it():
    """It is read by the common reader."""
    timeline = fetch.fetch_timeline(DemoSource(), Account("demo", "small-clocks"), base.TimelineRequest(400))
    cut = fetch.fetch_timeline(DemoSource(), Account("demo", "aster-air"), base.TimelineRequest(400))
    assert timeline.posts.height == 90
    assert timeline.cut_by is None
    assert cut.posts.height == 400
    assert cut.cut_by == "n"
    assert timeline.posts.schema == posts.SCHEMA


def test_an_unknown_name_is_refused():
    """The advice lists the existing names."""
    with pytest.raises(AccountNotFound) as caught:
        rows("nobody", base.TimelineRequest(10))
    assert "nobody" in caught.value.detail
    assert all(f"demo:{name}" in caught.value.advice for name in NAMES)


@pytest.mark.parametrize("name", ["harbor-news", "harbour", "harbournews"])
def test_a_name_that_is_nearly_right_suggests_the_account(name: str) -> None:
    """People forget how a name is written."""
    with pytest.raises(AccountNotFound) as caught:
        rows(name, base.TimelineRequest(10))
    assert caught.value.message == f"There’s no demo account “{name}”. Did you mean Harbour News?"


def test_it_is_always_ready():
    """The demo needs no key."""
    assert DemoSource().readiness() == base.Readiness(True, "Eight made-up organisations to try things out.")


def test_events_name_existing_decks():
    """A misspelt deck would silently fall back to everyday posts."""
    for path in Path(demo_world.__file__).with_name("demo_phrases").glob("*.toml"):
        script = tomllib.loads(path.read_text(encoding="utf-8"))
        assert {deck for event in script.get("events", []) for deck in event["decks"]} <= set(script.get("decks", {})), path.name
