"""The source for people's own files: reads timelines from imported datasets. Importing belongs in `store.py`."""

from collections import defaultdict
from collections.abc import Generator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime, time, tzinfo
from typing import TYPE_CHECKING

from dashboard.core.accounts import Account
from dashboard.core.deferred_texts import defer_list, defer_quote
from dashboard.core.errors import InvalidFile, StorageUnavailable, TooManyRows
from dashboard.core.messages import deferred, gettext, translatable
from dashboard.core.source_errors import AccountNotFound, FileTooLong, FileUnreadable, ImportedFileNotFound, SourceError, SourceNotReady
from dashboard.sources.base import Page, Readiness, Source, TimelineRequest
from dashboard.sources.files.dataset import Dataset
from dashboard.sources.files.network import ALL_ACCOUNTS, FILES, OTHER_ACCOUNTS
from dashboard.sources.files.store import RETENTION_DAYS, DatasetStore

if TYPE_CHECKING:
    from dashboard.core.post_sums import PostSums

MAX_SERIES = 20  # of a collection in one report
_MAX_LISTED_ACCOUNTS = 10  # accounts that an error message lists


class FileSource(Source):
    """Imported files behind the same protocol as a real network: `file:ID/NAME` is one account, `file:ID` all accounts of a file."""

    network = FILES
    is_cached = False  # what its owner deletes must be gone

    def __init__(self, store: DatasetStore | None) -> None:
        self._store = store

    def readiness(self) -> Readiness:
        """Return whether files can be uploaded here."""
        if self._store is None:
            return Readiness(False, gettext("Files can’t be uploaded on this server."))
        return Readiness(True, gettext("Your own file: X archive, CSV, Excel or JSON. Deleted after 30 days."))

    def expand_account(self, account: Account) -> list[Account]:
        """Return the accounts of `file:ID`, most posts first; a single account is returned unchanged.

        Of a collection with more than MAX_SERIES accounts, the smaller ones are one series together.
        Raises ImportedFileNotFound if the file doesn't exist.
        """
        dataset_id, slash, _ = account.name.partition("/")
        if slash:
            return [account]
        dataset = self._find_dataset(account, dataset_id)[1]
        names = [member.name for member in dataset.accounts]
        if dataset.collection and dataset.accounts_total > MAX_SERIES:
            names = [*names[: MAX_SERIES - 1], OTHER_ACCOUNTS]
        return [Account(FILES.name, f"{dataset_id}/{name}") for name in names]

    def find_last_change(self, account: Account) -> datetime | None:
        """Return when a file was imported."""
        try:
            return self._find_dataset(account, account.name.partition("/")[0])[1].created
        except SourceError:  # reading raises the same error
            return None

    def find_last_day(self, account: Account, zone: tzinfo) -> date | None:
        """Return the day of the newest post of an account of a file, or of the whole file. Raises ImportedFileNotFound.

        Midnight (UTC) may stand for a date without a time, which is the same day in every zone.
        """
        dataset_id, _, name = account.name.partition("/")
        accounts = self._find_dataset(account, dataset_id)[1].accounts
        is_series = name in ("", ALL_ACCOUNTS, OTHER_ACCOUNTS)
        dated = (member for member in accounts if member.last_post_at and (is_series or name == member.name))
        newest = max((member.last_post_at for member in dated if member.last_post_at), default=None)
        if newest is None:
            return None
        return newest.date() if newest.time() == time.min else newest.astimezone(zone).date()

    def iter_pages(self, account: Account, request: TimelineRequest, deadline: float) -> Generator[Page, None, None]:
        """Yield a page with the newest posts of one account of a file; the name may be left out if the file has only one account.

        Raises ImportedFileNotFound if the file doesn't exist, and AccountNotFound if the account doesn't, or if the name is missing and
        there are several.
        """
        from dashboard.core import posts

        dataset_id, _, name = account.name.partition("/")
        dataset_store, dataset = self._find_dataset(account, dataset_id)
        name = name or _single_account_name(account, dataset)
        if dataset.collection and name in (ALL_ACCOUNTS, OTHER_ACCOUNTS):
            raise AccountNotFound(
                str(account), translatable("The posts of several accounts together can’t be read."), _accounts_advice(dataset)
            )
        try:
            frame = dataset_store.load_posts(dataset, name, request.limit, request.since, request.until, request.tz)
        except TooManyRows as error:
            raise FileTooLong(str(account), error.detail, error.advice) from error
        except InvalidFile as error:
            raise FileUnreadable(str(account), error.detail, error.advice) from error
        if (
            frame.is_empty()
            and name not in {member.name for member in dataset.accounts}
            and dataset_store.load_posts(dataset, name, 1).is_empty()
        ):
            raise AccountNotFound(
                str(account),
                _describe_missing(dataset, name),
                _accounts_advice(dataset),
            )
        if not frame.is_empty():
            yield Page(frame=posts.with_account(frame, str(account)), name=dataset.display_name(name))

    def find_versions(self, accounts: Sequence[Account], request: TimelineRequest) -> dict[Account, str]:
        """Return the version of a file's parts, and what is read of them. Collections have none, and neither has what can't be read."""
        names_by_file = defaultdict[str, dict[Account, str]](dict)
        for account in accounts:
            dataset_id, _, name = account.name.partition("/")
            names_by_file[dataset_id][account] = name
        versions = dict[Account, str]()
        for dataset_id, names in names_by_file.items():
            with suppress(SourceError, InvalidFile):  # reading raises the same error
                versions |= self._find_versions_in(dataset_id, names, request)
        return versions

    def _find_versions_in(self, dataset_id: str, names: Mapping[Account, str], request: TimelineRequest) -> dict[Account, str]:
        """Return the versions of the listed accounts of one file. Raises SourceError or InvalidFile."""
        dataset_store, dataset = self._find_dataset(next(iter(names)), dataset_id)
        version = "" if dataset.collection else dataset_store.find_version(dataset)
        listed, selection = {member.name for member in dataset.accounts}, (request.limit, request.since, request.until, request.tz)
        full_names = {account: name or _single_account_name(account, dataset) for account, name in names.items()} if version else {}
        return {account: repr((version, dataset.display_name(name), *selection)) for account, name in full_names.items() if name in listed}

    def is_analyzed(self, account: Account) -> bool:
        """Return whether an account is of a collection."""
        return self._find_collection(account) is not None

    def has_sample(self, account: Account) -> bool:
        """Return whether an account is of a collection that has a sample of its posts."""
        dataset = self._find_collection(account)
        if dataset is None or dataset.collection is None:
            return False
        name = account.name.partition("/")[2]
        return (name or (dataset.accounts[0].name if dataset.accounts_total == 1 else "")) in dataset.collection.sampled

    def _find_collection(self, account: Account) -> Dataset | None:
        dataset = self._store.find(account.name.partition("/")[0]) if self._store else None
        return dataset if dataset and dataset.collection else None

    def load_sums(self, account: Account, request: TimelineRequest, fetched_at: datetime) -> "PostSums | None":
        """Return what was found out about the posts of an account of a collection, None for an account of an imported file.

        Raises what `iter_pages` raises.
        """
        dataset_id, _, name = account.name.partition("/")
        dataset_store, dataset = self._find_dataset(account, dataset_id)
        if dataset.collection is None:
            return None
        name = name or _single_account_name(account, dataset)
        try:
            sums = dataset_store.load_sums(dataset, name, request, fetched_at)
            is_unknown = sums and sums.counts.is_empty() and not self._is_known(dataset_store, dataset, name, fetched_at)
        except InvalidFile as error:
            raise FileUnreadable(str(account), error.detail, error.advice) from error
        if is_unknown:
            raise AccountNotFound(str(account), _describe_missing(dataset, name), _accounts_advice(dataset))
        return sums

    @staticmethod
    def _is_known(dataset_store: DatasetStore, dataset: Dataset, name: str, fetched_at: datetime) -> bool:
        """Return whether a collection has any posts of an account."""
        if name in {member.name for member in dataset.accounts}:
            return True
        sums = dataset_store.load_sums(dataset, name, TimelineRequest(1), fetched_at)
        return sums is not None and not sums.counts.is_empty()

    def load_facts(self, account: Account) -> bytes | None:
        """Return what is kept beside the posts of an account."""
        dataset_id, _, name = account.name.partition("/")
        return self._store.facts.load(dataset_id, name) if self._store else None

    def save_facts(self, account: Account, content: bytes) -> None:
        """Keep facts in the folder of the file, so that they are deleted with it."""
        dataset_id, _, name = account.name.partition("/")
        if self._store:
            self._store.facts.save(dataset_id, name, content)

    def _find_dataset(self, account: Account, dataset_id: str) -> tuple[DatasetStore, Dataset]:
        if self._store is None:
            raise SourceNotReady(str(account), self.readiness().message, translatable("Ask your administrator."))
        try:
            dataset = self._store.find(dataset_id)
        except StorageUnavailable as error:
            raise FileUnreadable(str(account), error.detail, error.advice) from error
        if dataset is None:
            detail = deferred(
                "There’s no %(account)s: the link is wrong, the file was deleted, or it expired after %(days)s days.",
                account=replace(account, name=dataset_id).label,
                days=RETENTION_DAYS,
            )
            raise ImportedFileNotFound(str(account), detail)
        return self._store, dataset


def _single_account_name(account: Account, dataset: Dataset) -> str:
    """Return the name of a file's only account. Raises AccountNotFound if there are several."""
    if dataset.accounts_total != 1:
        detail = deferred(
            "%(file)s has %(total)s accounts. Choose one of them.", file=defer_quote(dataset.name), total=dataset.accounts_total
        )
        raise AccountNotFound(str(account), detail, _accounts_advice(dataset))
    return dataset.accounts[0].name


def _describe_missing(dataset: Dataset, name: str) -> str:
    return deferred("%(file)s has no account %(account)s.", file=defer_quote(dataset.name), account=defer_quote(name))


def _accounts_advice(dataset: Dataset) -> str:
    names = [f"{dataset.canonical_name}/{account.name}" for account in dataset.accounts[:_MAX_LISTED_ACCOUNTS]]
    return deferred("Its accounts are %(accounts)s.", accounts=defer_list(names, total=dataset.accounts_total))
