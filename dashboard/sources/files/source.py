"""The network of people's own files: timelines out of imported datasets. Importing is not done here, and nobody is asked."""

from collections.abc import Generator

from dashboard.core.accounts import Account, Network
from dashboard.core.errors import AccountNotFound, InvalidFile, SourceNotReady, SourceUnavailable
from dashboard.core.formatting import format_list
from dashboard.core.pricing import EMPTY_BILL, Bill
from dashboard.sources.base import Page, Readiness, TimelineRequest
from dashboard.sources.files.store import Dataset, DatasetStore

POSTS_PER_PAGE = 1_000  # posts of a page
_MAX_LISTED_ACCOUNTS = 10  # accounts of a file that a message names


class FileSource:
    """Imported files, behind the same Protocol as a real network: `file:ID/NAME` is an account, `file:ID` all of a file's."""

    network: Network = "file"
    name = "Files"
    supports_incremental = False  # a file is read at once, and no older posts come to it

    def __init__(self, store: DatasetStore | None) -> None:
        self._store = store

    def readiness(self) -> Readiness:
        """Say whether files can be imported here."""
        if self._store is None:
            return Readiness(False, "Files can't be imported here: CHORUS_DATASETS, a folder for them, is not set.")
        return Readiness(True, "Import a file of your own: X's archive, JSON or CSV. It is deleted after a while.")

    def max_bill(self, account: Account, post_count: int) -> Bill:
        """Say that a file of one's own costs nothing."""
        return EMPTY_BILL

    def expand_account(self, account: Account) -> list[Account]:
        """Return the accounts that `file:ID` stands for, most posts first; an account of a file stands for itself.

        Raises AccountNotFound if the file is not there.
        """
        identity, slash, _ = account.name.partition("/")
        if slash:
            return [account]
        return [Account("file", f"{identity}/{each.name}") for each in self._find_dataset(account, identity)[1].accounts]

    def iter_pages(self, account: Account, request: TimelineRequest, deadline: float) -> Generator[Page, None, None]:
        """Yield the newest posts of one account of a file; a file of a single account needs no name.

        Raises AccountNotFound for a file or account that is not there, and for a whole file of several accounts.
        """
        identity, _, name = account.name.partition("/")
        datasets, dataset = self._find_dataset(account, identity)
        name = name or _single_account_name(account, dataset)
        try:
            frame = datasets.load_posts(identity, name, request.limit, request.since, request.until)
        except InvalidFile as damage:
            raise SourceUnavailable(str(account), damage.detail, damage.advice) from damage
        if frame.is_empty() and name not in {each.name for each in dataset.accounts} and datasets.load_posts(identity, name, 1).is_empty():
            raise AccountNotFound(str(account), f"“{dataset.name}” has no account “{name}”.", _accounts_advice(dataset))
        yield from (Page(part.to_dicts()) for part in frame.iter_slices(POSTS_PER_PAGE))

    def _find_dataset(self, account: Account, dataset_id: str) -> tuple[DatasetStore, Dataset]:
        if self._store is None:
            raise SourceNotReady(str(account), self.readiness().message, "Set it, and import the file again.")
        dataset = self._store.find(dataset_id)
        if dataset is None:
            raise AccountNotFound(str(account), "This imported file is not here, or is no longer kept.", "Import the file again.")
        return self._store, dataset


def _single_account_name(account: Account, dataset: Dataset) -> str:
    """Return the name of a file's single account."""
    if dataset.accounts_total != 1:
        detail = f"“{dataset.name}” has {dataset.accounts_total:,} accounts, and one of them is to be named."
        raise AccountNotFound(str(account), detail, _accounts_advice(dataset))
    return dataset.accounts[0].name


def _accounts_advice(dataset: Dataset) -> str:
    names = [f"{dataset.canonical_name}/{account.name}" for account in dataset.accounts[:_MAX_LISTED_ACCOUNTS]]
    return f"It has {format_list(names, total=dataset.accounts_total)}."
