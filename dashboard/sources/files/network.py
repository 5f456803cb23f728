"""Imported files as a network: the syntax of their accounts. Nothing in here opens a file, or loads polars."""

import re
from pathlib import Path

from dashboard.core.formatting.directions import isolate
from dashboard.core.messages import gettext, translatable
from dashboard.sources.base import ReadableNetwork, Source, SourceContext

_NAME_PATTERN = re.compile(r"[a-z0-9_-]{1,64}(/[^/\s,]{1,100})?")
_SHOWN_ID_CHARS = 4  # of the ID of a file, in a label
ALL_ACCOUNTS, OTHER_ACCOUNTS = "*", "*rest"  # all accounts of an analyzed collection as one series, and those that aren't the largest
_SERIES_LABELS = {  # in the singular, because sentences are about one account
    ALL_ACCOUNTS: translatable("Whole collection"),
    OTHER_ACCOUNTS: translatable("Rest of the collection"),
}


def is_series(account_name: str) -> bool:
    """Return whether the name of an account, such as `ID/*`, is that of several accounts as one series."""
    return account_name.rpartition("/")[2] in (ALL_ACCOUNTS, OTHER_ACCOUNTS)


class FileNetwork(ReadableNetwork):
    """People's own files: `file:ID` is every account of a file, `file:ID/NAME` one of them, `file:ID/*` all as one series."""

    name = "file"
    title = translatable("Files")
    title_in_notes = translatable("imported files")
    example = "file:ID"
    handle_advice = translatable("“{}” isn’t an uploaded file. Files look like file:ID or file:ID/NAME.")
    handle_pattern = r"file:[a-z0-9_-]{1,64}(/(\*|\*rest|[a-z0-9_.@:+À-ɏͰ-ԯぁ-ヿ一-鿿가-힣-]{1,100}))?"
    name_in_list = translatable("your own files")
    is_prefix_required = True
    is_live = False

    def parse_name(self, text: str) -> str | None:
        """Return the name if it has the form of a file's ID or of an account in a file."""
        return text if _NAME_PATTERN.fullmatch(text) else None

    def format_label(self, name: str) -> str:
        """Return an account of a file with the first characters of the file's ID."""
        file_id, slash, account_name = name.partition("/")
        account_name = gettext(_SERIES_LABELS[account_name]) if account_name in _SERIES_LABELS else account_name
        return f"{isolate(account_name)} ({self.format_handle(file_id)})" if slash else self.format_handle(name)

    def format_author(self, name: str) -> str:
        """Return the name of an account in its file."""
        return isolate(name.rpartition("/")[2])

    def format_handle(self, name: str) -> str:
        """Return the file of an account, because the name in it is the file's own: `file fcb0`."""
        return gettext("file %(id)s", id=name[:_SHOWN_ID_CHARS])

    def includes(self, name: str, other_name: str) -> bool:
        """Return whether the other is the same account, or belongs to the file."""
        return name == other_name or other_name.startswith(f"{name}/")

    def build_source(self, context: SourceContext) -> Source:
        """Return the source for the files in the folder that the settings name."""
        from dashboard.sources.files.source import FileSource
        from dashboard.sources.files.store import DatasetStore

        folder = context.settings.datasets_folder
        return FileSource(DatasetStore(Path(folder), clock=context.clock) if folder else None)


FILES = FileNetwork()
