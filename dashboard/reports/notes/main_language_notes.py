"""Says beside numbers that compare sentiment over time that they are about the commonest language of an account only.

Notes on the languages themselves, and on how often they are misread, are in `language_notes.py`.
"""

from dashboard.core.formatting.texts import format_list
from dashboard.core.languages import name_language
from dashboard.core.messages import gettext
from dashboard.reports.scored_posts import ScoredPosts

_MAX_LISTED_ACCOUNTS = 3


def explain_main_languages(scored: ScoredPosts) -> list[str]:
    """Return a sentence per language that is the commonest of accounts whose scored posts are in several."""
    accounts_by_language: dict[str, list[str]] = {}
    for account, language in scored.compared_languages.items():
        accounts_by_language.setdefault(language, []).append(account)
    return [
        gettext(
            "Sentiment of %(accounts)s: only posts in %(language)s count here.",
            accounts=format_list([scored.labels[account] for account in accounts], _MAX_LISTED_ACCOUNTS),
            language=name_language(language),
        )
        for language, accounts in accounts_by_language.items()
    ]
