"""The link from a file to its report: with the method that reads most of its posts. Reports themselves are built elsewhere."""

from typing import TYPE_CHECKING

from flask import url_for

from dashboard.core.errors import InvalidFile
from dashboard.core.methods import MULTILINGUAL_METHOD
from dashboard.web.extensions import upload_storage
from dashboard.web.fetching import list_readable_languages

if TYPE_CHECKING:
    from dashboard.sources.files.dataset import Dataset

_SAMPLED_ACCOUNTS, _SAMPLED_POSTS = 4, 100  # with the most posts; the newest of each


def report_url(dataset: "Dataset") -> str:
    """Return the address of a file's report, by the AI model if most of its newest posts are in other languages that the model reads."""
    method = f"&method={MULTILINGUAL_METHOD}" if _needs_model(dataset) else ""
    return f"{url_for('pages.report')}?users={dataset.canonical_name}{method}"


def _needs_model(dataset: "Dataset") -> bool:
    from dashboard.prediction.language_detection import detect_languages

    try:
        samples = [
            upload_storage().datasets.load_posts(dataset, account.name, _SAMPLED_POSTS) for account in dataset.accounts[:_SAMPLED_ACCOUNTS]
        ]
    except InvalidFile:  # a damaged file; its report says so
        return False
    languages = [code for posts in samples for code in detect_languages(posts["text"].to_list(), posts["lang"].to_list())]
    foreign = [code for code in languages if code is not None]
    if 2 * len(foreign) <= len(languages):
        return False
    readable = list_readable_languages()
    return 2 * sum(code in readable for code in foreign) > len(languages)
