"""Measures how often the language of labelled posts is wrong, with no tag, the right tag and a wrong one, alone and in timelines.

    python bench/languages.py FILE…

The files are tab-separated with a header, gzipped or not: `lang` (BCP 47; `en` if the column is missing) and `text`. At most MAX_POSTS of
each language and file count, chosen the same way every time. An English post is an error if it is left out, another one if it is read as
English. A timeline has TIMELINE_POSTS posts in one language. Hindi isn't counted among the other languages, because a third of what UMSAB
calls so is English; Nigerian Pidgin is skipped, because it is half English.
"""

import csv
import gzip
import random
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

MAX_POSTS = 800  # of each language and file
SHORT_CHARACTERS = 40
TIMELINE_POSTS = 25
_SKIPPED_LANGUAGES = {"pcm"}
_MIXED_LANGUAGES = {"hi"}
_WRONG_TAG_OF_ENGLISH = "de"


def load_posts(paths: Sequence[Path]) -> list[tuple[str, str]]:
    """Return language and text of the chosen posts."""
    return [post for path in paths for post in _choose(path)]


def _choose(path: Path) -> Iterator[tuple[str, str]]:
    texts_by_language = defaultdict[str, list[str]](list)
    with (gzip.open if path.suffix == ".gz" else open)(path, "rt", encoding="utf-8") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            texts_by_language[row.get("lang") or "en"].append(row.get("text") or "")
    for language, texts in texts_by_language.items():
        if language not in _SKIPPED_LANGUAGES:
            yield from ((language, text) for text in random.Random(1).sample(texts, min(MAX_POSTS, len(texts))))


def count_errors(posts: list[tuple[str, str]], tagging: str, *, are_timelines: bool) -> tuple[Counter[str], Counter[str]]:
    """Return posts and errors by group: each language, all of them, and the short ones. `tagging`: no tag, right tag or wrong tag.

    Alone, a post in another language than its own or English isn't an error.
    """
    import polars as pl

    from dashboard.analytics import language_filter
    from dashboard.prediction.language_detection import weigh_all

    tags = [
        {"no tag": None, "right tag": language, "wrong tag": _WRONG_TAG_OF_ENGLISH if language == "en" else "en"}[tagging]
        for language, _ in posts
    ]
    accounts = [f"{language} {index // TIMELINE_POSTS}" for index, (language, _) in enumerate(posts)]
    frame = pl.DataFrame(
        {"account": accounts, "text": [text for _, text in posts], "lang": tags, "kind": "post"}, schema_overrides={"lang": pl.String}
    )
    known = frame.hstack(language_filter.find_evidence(frame, weigh_all))
    habits = language_filter.find_habits(known if are_timelines else known.clear())
    totals, errors = Counter[str](), Counter[str]()
    for (language, text), decided in zip(posts, language_filter.decide_languages(known, habits), strict=True):
        is_english = language == "en"
        is_error = (decided is not None) is is_english
        group = "English" if is_english else "other"
        groups = (group, f"short {group}") if len(text) < SHORT_CHARACTERS else (group,)
        for name in (language,) if language in _MIXED_LANGUAGES else (language, *groups):
            totals[name] += 1
            errors[name] += is_error
    return totals, errors


def main() -> None:
    """Print the errors in per cent, and the time per post."""
    posts = load_posts([Path(name) for name in sys.argv[1:]])
    for are_timelines in (False, True):
        started_at = time.process_time()
        counts = {tagging: count_errors(posts, tagging, are_timelines=are_timelines) for tagging in ("no tag", "right tag", "wrong tag")}
        microseconds = (time.process_time() - started_at) / len(posts) / len(counts) * 1e6
        subject = f"in timelines of {TIMELINE_POSTS}" if are_timelines else "each alone"
        sys.stdout.write(f"{len(posts):,} posts, {subject}, {microseconds:.0f} µs of CPU each\n")
        for name in sorted(counts["no tag"][0], key=lambda name: (len(name) < 4, name)):
            rates = "".join(f"{100 * errors[name] / totals[name]:11.1f}" for totals, errors in counts.values())
            sys.stdout.write(f"{name:<14}{counts['no tag'][0][name]:>7,}{rates}\n")


if __name__ == "__main__":
    main()
