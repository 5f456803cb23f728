"""The caveat of a report, and the sentence of one in which nothing stood out."""

from dashboard.reports.analysis import Analysis
from dashboard.reports.fetched import Fetched
from dashboard.reports.findings.candidates import Candidates, collect_findings
from tests.support.builders import build_query
from tests.support.findings import BAD, GOOD, build_daily_timeline, find_all, find_sentences
from tests.support.language_models import build_multilingual_labeller

ONE, TWO = build_query("demo:one", interval="day"), build_query("demo:one,demo:two", interval="day")


def test_accounts_of_different_spans_have_a_link_to_the_period_that_they_share() -> None:
    """Reading the first ended at the number asked for, sixteen days after the second begins."""
    timelines = [build_daily_timeline([0] * 16 + [5] * 12, cut_by="n"), build_daily_timeline([5] * 28, "demo:two", cut_by="n")]
    caveat = find_all(TWO, *timelines)[-1]
    assert caveat.sentence == "Posts reach back to 18 March (demo:one) and 2 March (demo:two)."
    assert caveat.target
    assert caveat.target.query == TWO.limited_to_common_time()


def test_an_account_that_was_read_completely_is_not_cut() -> None:
    """Its first post is its first post."""
    timelines = [build_daily_timeline([0] * 16 + [5] * 12), build_daily_timeline([5] * 28, "demo:two", cut_by="n")]
    assert find_sentences("caveat", TWO, *timelines) == []


def test_accounts_without_a_shared_time_have_no_link_to_it() -> None:
    """The second account ends before the known time of the first begins."""
    timelines = [build_daily_timeline([0] * 16 + [5] * 12, cut_by="n"), build_daily_timeline([5] * 9, "demo:two", cut_by="n")]
    caveat = find_all(TWO, *timelines)[-1]
    assert caveat.sentence == "These accounts’ posts don’t overlap in time, so don’t compare their numbers."
    assert caveat.target is None


def test_few_words_of_the_list_have_a_link_to_another_method() -> None:
    """Forty of 1,600 words are in the list."""
    texts = dict.fromkeys(range(20), ("one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen",))
    caveat = find_all(ONE, build_daily_timeline([10] * 20, texts=texts | dict.fromkeys(range(4), (GOOD,))))[-1]
    assert caveat.sentence == "Only 1.5% of all words are in the word list, so sentiment rests on few words."
    assert caveat.target
    assert caveat.target.query
    assert caveat.target.query.method == "vader"


def test_posts_that_the_method_cannot_read_come_first() -> None:
    """Three of four posts are in German; the accounts cover different periods, too, and no model is there to read them."""
    german = "Die Fähre ist heute leider wieder verspätet, wir bitten alle Gäste um Entschuldigung"
    timelines = [
        build_daily_timeline([0] * 16 + [5] * 12, cut_by="n"),
        build_daily_timeline([4] * 28, "demo:two", cut_by="n", texts=dict.fromkeys(range(28), (german, german, german, GOOD))),
    ]
    caveat = find_all(TWO, *timelines)[-1]
    assert caveat.sentence == "Sentiment covers only 25% of the posts by demo:two, because most others are in German."
    assert caveat.target is None


def test_an_account_of_which_nothing_is_read_has_unknown_sentiment() -> None:
    """However few its posts are, the caveat leads to the method that reads them; only how often it posts is called steady."""
    german = "Die Fähre ist heute leider wieder verspätet, wir bitten alle Gäste um Entschuldigung"
    timeline = build_daily_timeline([1] * 29, texts=dict.fromkeys(range(29), (german,)))
    *others, caveat = collect_findings(Candidates(Analysis(ONE, Fetched([timeline], labeller=build_multilingual_labeller()))))
    assert caveat.sentence == "The sentiment of demo:one is unknown, because this method doesn’t read German."
    assert caveat.target
    assert caveat.target.query == ONE.model_copy(update={"method": "model"})
    assert [finding.sentence for finding in others if finding.kind == "steady"] == ["Steady posting: no unusual days and no clear change."]


def test_all_accounts_of_which_nothing_is_read_are_named() -> None:
    """A link leads to the method that reads both languages; the third account is read."""
    german = "Die Fähre ist heute leider wieder verspätet, wir bitten alle Gäste um Entschuldigung"
    french = "Le ferry est malheureusement en retard aujourd’hui, nous prions nos passagers de nous excuser"
    texts = {"demo:one": german, "demo:two": french, "demo:three": GOOD}
    timelines = [build_daily_timeline([1] * 29, account, dict.fromkeys(range(29), (text,))) for account, text in texts.items()]
    query = build_query(",".join(texts), interval="day")
    caveat = collect_findings(Candidates(Analysis(query, Fetched(timelines, labeller=build_multilingual_labeller()))))[-1]
    assert caveat.sentence == "The sentiment of demo:one and demo:two is unknown, because this method doesn’t read German or French."
    assert caveat.target
    assert caveat.target.query == query.model_copy(update={"method": "model"})


def test_a_steady_period_is_told_so() -> None:
    """Four posts a day that sound alike."""
    timeline = build_daily_timeline([4] * 29, texts=dict.fromkeys(range(29), (GOOD, BAD)))
    assert find_sentences("steady", ONE, timeline) == ["A steady period: no unusual days and no clear change."]


def test_only_what_is_known_is_called_steady() -> None:
    """Six days are too few to know what is unusual."""
    assert find_sentences("steady", ONE, build_daily_timeline([4] * 6)) == ["A steady period: no clear change."]


def test_a_chosen_period_has_no_change_to_deny() -> None:
    """The period before wasn't read."""
    query = build_query("demo:one", interval="day", since="2026-03-02", until="2026-03-31")
    assert find_sentences("steady", query, build_daily_timeline([4] * 29)) == ["A steady period: no unusual days."]


def test_an_account_without_posts_has_no_findings() -> None:
    """There is nothing to say."""
    assert find_all(ONE, build_daily_timeline([])) == []
