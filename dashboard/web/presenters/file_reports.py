"""The link from a file to its report: with the method that reads most of its posts. Reports themselves are built elsewhere."""

from collections import Counter
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING

from flask import url_for

from dashboard.core.errors import InvalidFile
from dashboard.core.methods import MULTILINGUAL_METHOD
from dashboard.sources.base import TimelineRequest
from dashboard.sources.files.network import ALL_ACCOUNTS
from dashboard.web.extensions import current_time, upload_storage
from dashboard.web.fetching import list_readable_languages

if TYPE_CHECKING:
    from dashboard.sources.files.dataset import Dataset

_SAMPLED_ACCOUNTS, _SAMPLED_POSTS = 4, 100  # with the most posts; the newest of each
_KEPT_FILES = 256  # whose languages are kept; each takes less than a kilobyte


def report_url(dataset: "Dataset") -> str:
    """Return the address of a file's report, by the AI model if most of its newest posts are in other languages that the model reads.

    Of a collection, all posts count, and the model has to be one of the methods by which it was analyzed.
    """
    method = f"&method={MULTILINGUAL_METHOD}" if _needs_model(dataset) else ""
    return f"{url_for('pages.report')}?users={dataset.canonical_name}{method}"


def _needs_model(dataset: "Dataset") -> bool:
    if dataset.collection and MULTILINGUAL_METHOD not in dataset.collection.methods:
        return False
    try:
        posts = _count_posts(dataset.id)
    except InvalidFile:  # a damaged file; its report says so
        return False
    total = sum(posts.values())
    if 2 * sum(posts.get(language, 0) for language in (None, "en")) >= total:  # so that no model is loaded for them
        return False
    readable = list_readable_languages()
    return 2 * sum(count for language, count in posts.items() if language in readable) > total


@lru_cache(maxsize=_KEPT_FILES)
def _count_posts(dataset_id: str) -> Mapping[str | None, int]:
    """Return the number of posts of a file by language, which never changes. None is English or unknown. Raises InvalidFile."""
    storage = upload_storage().datasets
    dataset = storage.find(dataset_id)
    if dataset is None:  # it was deleted meanwhile
        return {}
    if dataset.collection:  # its posts are in the files that it was analyzed from, which may be many
        sums = storage.load_sums(dataset, ALL_ACCOUNTS, TimelineRequest(dataset.kept), current_time())
        return dict(sums.counts.select("language", "posts").group_by("language").sum().rows()) if sums else {}
    from dashboard.prediction.language_detection import detect_languages

    samples = [storage.load_posts(dataset, account.name, _SAMPLED_POSTS) for account in dataset.accounts[:_SAMPLED_ACCOUNTS]]
    return Counter(code for posts in samples for code in detect_languages(posts["text"].to_list(), posts["lang"].to_list()))
