"""What is true of every finding on any timelines: it says what the tables and the linked posts say, and no more."""

import re
from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from random import Random
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.core import messages
from dashboard.core.post_selection import parse_query_and_selection
from dashboard.core.posts import Timeline
from dashboard.reports.analysis import Analysis
from dashboard.reports.fetched import Fetched
from dashboard.reports.findings.candidates import Candidates, collect_findings
from dashboard.reports.findings.finding import Finding
from dashboard.reports.findings.selection import select_findings
from dashboard.reports.post_filter import select_posts
from tests.support.builders import build_query, build_timeline, deterministic
from tests.support.catalogs import TRANSLATED_LANGUAGES
from tests.support.fault_suite import reduce_examples
from tests.support.findings import BAD, FIRST_DAY, GOOD, PLAIN

NAMES = ("one", "two", "three")
TEXTS = (GOOD, BAD, PLAIN, "a storm, sadly a flood", "good good bad", "Der Zug fällt heute leider aus, wir bitten um Entschuldigung")
MOODS = (TEXTS[:2], TEXTS[1:2], TEXTS[:1], TEXTS[2:], TEXTS)
NUMBER_WORDS = dict(zip(["two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"], range(2, 11), strict=True))
few = settings(deterministic, max_examples=reduce_examples(12))
pytestmark = pytest.mark.slow


def build_account(name: str, days: int, random: Random) -> Timeline:
    """Return an account with a usual number of posts, some of whose days have far more or fewer, or another mood."""
    usual, spread, hour = random.choice((1, 3, 6, 12)), random.choice((0, 1, 3)), random.randrange(24)
    first = random.choice((0, 0, days // 2))
    counts = [0 if day < first else max(0, usual + random.randint(-spread, spread)) for day in range(days)]
    for _ in range(random.randrange(4)):
        counts[random.randrange(first, days)] = random.choice((0, 1, 4 * usual, 30))
    moods = [random.choice((TEXTS[:2], TEXTS[:1], TEXTS[2:])), random.choice(MOODS)]
    begin = random.choice((days // 2, days))  # of the second mood
    swings = {random.randrange(days): random.choice((TEXTS[:1], TEXTS[1:2], TEXTS[3:4])) for _ in range(random.randrange(3))}
    is_counted, viral = random.random() < 0.8, random.randrange(first, days)
    rows = [
        {
            "id": f"{name}-{day}-{number}",
            "created_at": FIRST_DAY + timedelta(days=day, hours=(hour + number % 9) % 24, minutes=number),
            "text": random.choice(swings.get(day) or moods[day >= begin]),
            "likes": (random.randrange(20) + 1_000 * (day == viral and number == 0)) if is_counted else None,
        }
        for day, count in enumerate(counts)
        for number in range(count)
    ]
    newest_first = sorted(rows, key=lambda row: row["created_at"], reverse=True)  # type: ignore[arg-type,return-value]
    return build_timeline(*newest_first, account=f"demo:{name}", cut_by=random.choice((None, "n", "n")))


@st.composite
def analyses(draw: st.DrawFn) -> Analysis:
    """Return a query about one to three accounts, with what was read for it."""
    names = NAMES[: draw(st.integers(1, 3))]
    days = draw(st.sampled_from((60, 29, 16, 4)))
    period = draw(st.sampled_from(({}, {}, {"since": "2026-03-05", "until": "2026-03-25"}, {"since": "2026-03-08"})))
    query = build_query(
        ",".join(f"demo:{name}" for name in names),
        interval=draw(st.sampled_from(("day", "day", "auto", "hour", "week", "month"))),
        method=draw(st.sampled_from(("bing", "afinn", "vader"))),
        tz=draw(st.sampled_from(("UTC", "Asia/Kathmandu", "America/New_York"))),
        window=draw(st.sampled_from(("all", "common"))),
        **period,
    )
    since, until = query.span
    random = Random(draw(st.integers(0, 1_000_000)))
    answers = [build_account(name, days, random) for name in names]
    kept = [
        Timeline(
            answer.account,
            answer.posts.filter(*([pl.col("created_at") >= since] if since else []), *([pl.col("created_at") < until] if until else [])),
            answer.cut_by,
            answer.fetched_at,
        )
        for answer in answers
    ]
    return Analysis(query, Fetched(kept))


def of_kind(kind: str, analysis: Analysis) -> list[Finding]:
    """Return the findings of a kind."""
    return [finding for finding in collect_findings(Candidates(analysis)) if finding.kind == kind]


def linked_posts(finding: Finding, analysis: Analysis) -> pl.DataFrame:
    """Return the posts that the link of a finding shows."""
    assert finding.target
    args = dict(analysis.query.to_args()) | dict(finding.target.post_query)
    _, selection = parse_query_and_selection({name: [value] for name, value in args.items()})
    return select_posts(analysis, selection)


def count_in(text: str) -> int:
    """Return the number of posts that a text names, one for `the post`."""
    match = re.search(r"([\d,]+) posts?\b", text)
    return int(match[1].replace(",", "")) if match else 1


def shares(row: Mapping[str, Any]) -> float:
    """Return the share of positive words in a row of sums."""
    return row["positive"] / (row["positive"] + row["negative"])


@few
@given(analyses())
def test_the_number_of_posts_is_that_of_the_linked_page(analysis: Analysis) -> None:
    """In the sentence, in the title of the link, and on the page that it leads to."""
    for finding in [*of_kind("unusual", analysis), *of_kind("busiest", analysis)]:
        if finding.target:
            posts = linked_posts(finding, analysis)
            assert count_in(finding.detail) == posts.height
            assert count_in(finding.target.title) == posts.height
            assert set(posts["account"]) == {finding.account}
        else:
            assert "posted nothing" in finding.headline


@few
@given(analyses())
def test_an_unusual_span_contains_an_event_of_that_direction(analysis: Analysis) -> None:
    """Nothing is far more than usual unless the chart of unusual times shows it."""
    events = pl.concat([analysis.posting_events, analysis.sentiment_events])
    for finding in of_kind("unusual", analysis):
        measure = "sentiment" if "sentiment" in finding.charts else "posts"
        sign = 1 if re.search("far more positive|far less negative|posted far more", finding.headline) else -1
        rows = events.filter(pl.col("account") == finding.account, pl.col("measure") == measure, pl.col("z").sign() == sign)
        assert finding.strength in rows["z"].abs().to_list()
        assert finding.strength > 3.5


@few
@given(analyses())
def test_spans_lie_within_the_data(analysis: Analysis) -> None:
    """They begin and end with intervals that have posts of the account, unless it was silent."""
    for finding in of_kind("unusual", analysis) + of_kind("busiest", analysis):
        if finding.target:
            bounds = dict(finding.target.post_query)
            starts = analysis.posts_per_interval.filter(account=finding.account)["start"]
            first, last = starts.min(), starts.max()
            begin, end = (datetime.fromisoformat(bounds[name]) for name in ("from", "to"))
            if analysis.interval == "hour":
                assert first <= begin < end <= last + timedelta(hours=1)  # type: ignore[operator]
            else:
                assert first <= begin.date() < end.date() <= last + timedelta(days=31)  # type: ignore[operator]


@few
@given(analyses())
def test_changes_are_clear_and_have_the_direction_of_the_table(analysis: Analysis) -> None:
    """Their interval excludes no change."""
    rows = analysis.period_changes.filter(pl.col("clear").fill_null(value=False)).to_dicts() if analysis.has_previous_period else []
    for finding in of_kind("change", analysis):
        measures = ("posts_per_day",) if " posted " in finding.headline else ("positive_share", "net_per_post")
        row = next(row for row in rows if row["account"] == finding.account and row["measure"] in measures)
        is_more = "clearly more" in finding.headline
        assert is_more is (row["change"] > 0)
        assert (row["low"] > 0) if is_more else (row["high"] < 0)
        assert ("up from" in finding.detail) is is_more
        values = re.findall(r"[+−]?[\d.,]+", finding.detail)
        assert values[0] != values[1]


@few
@given(analyses())
def test_the_most_positive_account_has_the_highest_share_of_the_shared_period(analysis: Analysis) -> None:
    """Counted again, post by post."""
    for finding in of_kind("level", analysis):
        spans = analysis.account_spans.join(analysis.known_spans, on="account")
        begin = spans.select(pl.coalesce("known_from", "first").max()).item()
        ends = spans.select(pl.coalesce("known_to", "last"))["known_to"]
        end = ends.max() if ends.max() - ends.min() < timedelta(days=1) else ends.min()
        inside = analysis.scored_posts.filter(pl.col("created_at") >= begin, pl.col("created_at") < end)
        sums = inside.group_by("account").agg(pl.col("positive", "negative").sum()).filter(pl.col("positive") + pl.col("negative") > 0)
        by_account = {row["account"]: shares(row) for row in sums.to_dicts()}
        extreme = min if "least" in finding.headline else max
        assert by_account[finding.account] == extreme(by_account.values())
        assert f"{100 * by_account[finding.account]:.0f}" == re.search(r"(\d+)(\.\d+)?% positive words", finding.detail)[1]  # type: ignore[index]


@few
@given(analyses())
def test_facts_are_those_of_the_tables(analysis: Analysis) -> None:
    """The busiest interval is the busiest, and no post has more reactions than the one with most."""
    for finding in of_kind("busiest", analysis):
        counts = analysis.posts_per_interval.filter(account=finding.account)["posts"].sort(descending=True)
        assert count_in(finding.detail) == counts[0]
        assert counts[0] > counts[1]
    for finding in of_kind("top_post", analysis):
        reactions = analysis.filtered_posts["likes"].max()
        assert finding.strength == reactions
        assert linked_posts(finding, analysis)["likes"].to_list() == [reactions]


@few
@given(analyses())
def test_a_period_is_steady_only_if_nothing_stood_out(analysis: Analysis) -> None:
    """Neither an unusual time nor a clear change."""
    kinds = Counter(finding.kind for finding in collect_findings(Candidates(analysis)))
    assert not (kinds["steady"] and (kinds["unusual"] or kinds["change"] or kinds["busiest"]))
    assert kinds["steady"] <= 1
    assert kinds["caveat"] <= 1


@few
@given(analyses())
def test_a_report_shows_three_to_six_findings(analysis: Analysis) -> None:
    """Fewer only if there is less to say; at most two of a kind, and the caveat last."""
    findings = collect_findings(Candidates(analysis))
    shown = select_findings(findings, len(analysis.account_labels))
    kinds = Counter(finding.kind for finding in shown)
    available = sum(min(count, 2) for count in Counter(finding.kind for finding in findings).values())
    assert min(3, available) <= len(shown) <= 6
    assert max(kinds.values(), default=0) <= 2
    assert "caveat" not in [finding.kind for finding in shown[:-1]]
    accounts = Counter(finding.account for finding in shown if finding.account and finding.kind not in ("level", "volume", "top_post"))
    assert len(analysis.account_labels) == 1 or len(shown) <= 3 or max(accounts.values(), default=0) <= 2


@few
@given(analyses())
def test_sentences_are_well_formed(analysis: Analysis) -> None:
    """One full stop at the end, correct plurals, no missing number, and a name that the report shows."""
    for finding in collect_findings(Candidates(analysis)):
        sentence = finding.sentence
        assert sentence.endswith((".", ".”"))
        assert not re.search(r"  | [.,:)]|\.\.|\(\)|None|nan|inf\b", sentence)
        assert not re.search(r"(?<![\d.,])1 (posts|words|points|reactions)\b", sentence)
        assert not re.search(r"(?<![\d.,])(0|[2-9]|\d{2,}) (post|negative word|positive word)\b", sentence)
        assert sentence.count("“") == sentence.count("”")
        assert not finding.account or analysis.account_labels[finding.account] in sentence
        assert finding.headline[0] != " "
        assert not finding.headline.endswith((" ", ":", ".", ","))


def numbers_in(sentence: str) -> list[float]:
    """Return the numbers of a sentence in any language, in ascending order. An English number in words counts as well.

    “Twice” doesn't, because other languages have a word for it, too.
    """
    plain = re.sub("of the two|No two", "", sentence)
    for word, number in NUMBER_WORDS.items():
        plain = re.sub(rf"\b{word}\b", str(number), plain)
    separators = {",": "", ".": "."} if messages.current_language() == "en" else {".": "", "\u202f": "", ",": "."}
    digits = re.findall(r"\d(?:[\d.,\u202f]*\d)?", plain)
    return sorted(float("".join(separators.get(character, character) for character in number)) for number in digits)


@pytest.mark.parametrize("language", TRANSLATED_LANGUAGES)
@few
@given(analyses())
def test_every_language_says_the_same(language: str, analysis: Analysis) -> None:
    """The same findings, about the same accounts, with the same numbers and links, each in a sentence that is completely translated."""
    english = [(finding, numbers_in(finding.sentence)) for finding in collect_findings(Candidates(analysis))]
    with messages.use(language):
        translated = collect_findings(Candidates(analysis))
        assert len(translated) == len(english)
        for finding, (original, numbers) in zip(translated, english, strict=True):
            assert (finding.kind, finding.account, finding.strength) == (original.kind, original.account, original.strength)
            assert numbers_in(finding.sentence) == numbers, (finding.sentence, original.sentence)
            assert finding.target == original.target or finding.target.post_query == original.target.post_query  # type: ignore[union-attr]


@pytest.mark.parametrize("language", TRANSLATED_LANGUAGES)
@few
@given(analyses())
def test_sentences_are_well_formed_in_every_language(language: str, analysis: Analysis) -> None:
    """One full stop at the end, no placeholder, no stray blank, and nothing that is still English."""
    english_sentences = {finding.sentence for finding in collect_findings(Candidates(analysis))}
    with messages.use(language):
        for finding in collect_findings(Candidates(analysis)):
            sentence = finding.sentence
            assert sentence.endswith(".")
            assert not re.search(r"  | [.,)]|\.\.|\(\)|%\(|None|nan", sentence)
            assert not re.search(r"\b(than|usual|usually|posts|positive than|against|since|from|with)\b", sentence)
            assert sentence not in english_sentences
            assert not finding.account or analysis.account_labels[finding.account] in sentence
            assert finding.headline[0] != " "
            assert not finding.headline.endswith((" ", ":", ".", ","))
