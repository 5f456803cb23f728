"""An ordered collection of named entries: the methods, the networks, the charts. It knows nothing about what an entry means.

Whoever defines an entry registers it; everybody else looks it up, or loops over all of them in the order of registration. Where the entries
are defined in a package above `core`, the registry names the module that registers them, so that nobody can read it before it's filled.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Generic, Protocol, TypeVar


class Named(Protocol):
    """What every entry has: the name that URLs and code refer to it by."""

    @property
    def name(self) -> str:
        """The name, unique in its registry."""


Entry = TypeVar("Entry", bound=Named)


class UnknownEntry(LookupError):
    """No entry has this name; the message lists the names that exist."""


class Registry(Generic[Entry]):
    """Entries by name, in the order in which they were registered. `noun` is what one of them is called in error messages.

    `filled_by` is the module that registers the built-in entries. It's imported with the first use.
    """

    def __init__(self, noun: str, *, filled_by: str = "") -> None:
        """Make a registry without entries of its own."""
        self._noun, self._filled_by = noun, filled_by
        self._entries: dict[str, Entry] = {}

    def register(self, entry: Entry) -> Entry:
        """Add an entry after all others and return it. Raises ValueError if its name is taken."""
        if entry.name in self._load():
            raise ValueError(f"The {self._noun} “{entry.name}” is already registered.")
        self._entries[entry.name] = entry
        return entry

    def __getitem__(self, name: str) -> Entry:
        """Return the entry of this name. Raises UnknownEntry, which lists the names that exist."""
        entries = self._load()
        if name not in entries:
            raise UnknownEntry(f"There is no {self._noun} “{name}”; registered: {', '.join(entries) or 'none'}.")
        return entries[name]

    def __contains__(self, name: object) -> bool:
        """Say whether an entry has this name."""
        return name in self._load()

    def __iter__(self) -> Iterator[Entry]:
        """Yield the entries in the order of registration."""
        return iter(tuple(self._load().values()))

    def __len__(self) -> int:
        """Return the number of entries."""
        return len(self._load())

    def names(self) -> tuple[str, ...]:
        """Return the names in the order of registration."""
        return tuple(self._load())

    @contextmanager
    def registered(self, entry: Entry) -> Iterator[Entry]:
        """Register an entry for the duration of a `with` block, as tests do."""
        self.register(entry)
        try:
            yield entry
        finally:
            del self._entries[entry.name]

    def _load(self) -> dict[str, Entry]:
        """Return the entries. While the module that fills the registry is being imported, these are the ones registered so far."""
        if self._filled_by:
            import_module(self._filled_by)
        return self._entries
