"""What an import noticed, worded for the command line: its options instead of the fields of forms."""

from collections.abc import Iterable, Iterator

_FORM_ADVICE, _OPTION_ADVICE = "choose it and read the file again.", "name it by --zone, as in --zone Europe/Berlin."


def word_notes(notes: Iterable[str]) -> Iterator[str]:
    """Yield the notes with the options that the same choice has in a command."""
    return (note.replace(_FORM_ADVICE, _OPTION_ADVICE) for note in notes)
