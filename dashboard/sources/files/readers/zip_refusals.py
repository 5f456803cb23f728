"""Says what a zip without posts seems to be: a spreadsheet, a zip in a zip, or several tables. Zips are opened in `limited_zip.py`."""

from collections.abc import Iterable

from dashboard.core.errors import InvalidFile
from dashboard.core.messages import translatable

_OTHER_TABLES = (".txt", ".xlsx", ".xls", ".ods", ".gz", ".parquet")  # which can be read, or are explained, if they are unpacked
UNCHANGED_ADVICE = translatable("Upload the zip exactly as X provides it, or just its tweets.js.")


def explain_no_posts(paths: Iterable[str]) -> InvalidFile:
    """Return the error for a zip without posts, which says what the zip seems to be, judging by its members' paths, and what to do."""
    return InvalidFile(*_describe_zip([path.lower() for path in paths]))


def _describe_zip(paths: list[str]) -> tuple[str, str]:
    """Return what a zip with these paths, in lower case, seems to be, and what to do."""
    if any(path.startswith("xl/") for path in paths):
        return translatable("This is an Excel file in binary form (.xlsb)."), translatable(
            "Save it as .xlsx or “CSV UTF-8” and upload that."
        )
    if "content.xml" in paths and "mimetype" in paths:
        return translatable("This is a spreadsheet of LibreOffice."), translatable("Save it as .xlsx or CSV and upload that.")
    if any(path.startswith("index/") and path.endswith(".iwa") for path in paths):
        return translatable("This is a spreadsheet of Apple Numbers."), translatable("Export it as CSV or Excel and upload that.")
    if any(path.endswith(".zip") for path in paths):
        return translatable("This zip contains another zip, but no tweets.js."), translatable("Unpack it and upload the zip inside.")
    if any(path.endswith((".csv", ".json", ".jsonl", ".ndjson")) for path in paths):
        return translatable("The zip contains several tables or JSON files."), translatable("Unpack it and upload the file with the posts.")
    if any(path.endswith(_OTHER_TABLES) for path in paths) and not any(path.endswith(".js") for path in paths):
        return translatable("The zip contains no CSV or JSON file."), translatable("Unpack it and upload the file with the posts.")
    return translatable("The zip has no tweets.js, so it isn’t the archive of an X account."), UNCHANGED_ADVICE
