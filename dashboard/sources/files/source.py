"""The network of people's own files: timelines out of imported datasets. Importing is not done here, and nobody is asked."""

from collections.abc import Generator

from dashboard.core.accounts import Account, Network
from dashboard.core.errors import AccountNotFound, InvalidArchive, SourceNotReady, SourceUnavailable
from dashboard.core.pricing import FREE, Bill
from dashboard.sources.base import Page, Readiness, Wanted
from dashboard.sources.files.store import Dataset, Datasets

PAGE = 1_000  # posts of a page
_NAMED = 10  # accounts of a file that a message names


class Files:
    """Imported files, behind the same Protocol as a real network: `file:ID/NAME` is an account, `file:ID` all of a file's."""

    network: Network = "file"
    name = "Files"
    resumes = False  # a file is read at once, and no older posts come to it

    def __init__(self, datasets: Datasets | None) -> None:
        self._datasets = datasets

    def readiness(self) -> Readiness:
        """Say whether files can be imported here."""
        if self._datasets is None:
            return Readiness(False, "Files can't be imported here: CHORUS_DATASETS, a folder for them, is not set.")
        return Readiness(True, "Import a file of your own: X's archive, JSON or CSV. It is deleted after a while.")

    def at_most(self, account: Account, posts: int) -> Bill:
        """Say that a file of one's own costs nothing."""
        return FREE

    def accounts(self, account: Account) -> list[Account]:
        """Return the accounts that `file:ID` stands for, most posts first; an account of a file stands for itself.

        Raises AccountNotFound if the file is not there.
        """
        identity, slash, _ = account.name.partition("/")
        if slash:
            return [account]
        return [Account("file", f"{identity}/{each.name}") for each in self._found(account, identity)[1].accounts]

    def pages(self, account: Account, wanted: Wanted, deadline: float) -> Generator[Page, None, None]:
        """Yield the newest posts of one account of a file; a file of a single account needs no name.

        Raises AccountNotFound for a file or account that is not there, and for a whole file of several accounts.
        """
        identity, _, name = account.name.partition("/")
        datasets, dataset = self._found(account, identity)
        name = name or _only(account, dataset)
        try:
            frame = datasets.posts(identity, name, wanted.limit, wanted.since, wanted.until)
        except InvalidArchive as damage:
            raise SourceUnavailable(str(account), damage.detail, damage.advice) from damage
        if frame.is_empty() and name not in {each.name for each in dataset.accounts} and datasets.posts(identity, name, 1).is_empty():
            raise AccountNotFound(str(account), f"“{dataset.name}” has no account “{name}”.", _advice(dataset))
        yield from (Page(part.to_dicts()) for part in frame.iter_slices(PAGE))

    def _found(self, account: Account, identity: str) -> tuple[Datasets, Dataset]:
        if self._datasets is None:
            raise SourceNotReady(str(account), self.readiness().sentence, "Set it, and import the file again.")
        dataset = self._datasets.find(identity)
        if dataset is None:
            raise AccountNotFound(str(account), "This imported file is not here, or is no longer kept.", "Import the file again.")
        return self._datasets, dataset


def _only(account: Account, dataset: Dataset) -> str:
    """Return the name of a file's single account."""
    if dataset.accounts_total != 1:
        detail = f"“{dataset.name}” has {dataset.accounts_total:,} accounts, and one of them is to be named."
        raise AccountNotFound(str(account), detail, _advice(dataset))
    return dataset.accounts[0].name


def _advice(dataset: Dataset) -> str:
    names = ", ".join(f"{dataset.written}/{each.name}" for each in dataset.accounts[:_NAMED])
    more = f", and {dataset.accounts_total - _NAMED:,} more" if dataset.accounts_total > _NAMED else ""
    return f"It has {names}{more}."
