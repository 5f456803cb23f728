"""Remembers who uploaded a file: its owner's key is stored in a cookie of that browser, and nowhere else."""

from datetime import datetime
from typing import Any, Protocol

from flask import request, url_for
from werkzeug.wrappers import Response

from dashboard.core.query import Query
from dashboard.sources.files.network import FILES
from dashboard.web.extensions import upload_storage


class OwnedDataset(Protocol):
    """The properties of a dataset that this module needs."""

    @property
    def id(self) -> str:
        """The dataset's id."""
        ...

    @property
    def canonical_name(self) -> str:
        """The canonical name for all accounts of the file."""
        ...

    @property
    def owner_key(self) -> str | None:
        """The key that is needed to delete it."""
        ...

    @property
    def expires(self) -> datetime:
        """When it is deleted automatically."""
        ...


def set_owner_cookie(response: Response, dataset: OwnedDataset) -> Response:
    """Store the owner's key in a cookie that lasts as long as the file; scripts can't read it."""
    response.set_cookie(
        _cookie_name(dataset.id), dataset.owner_key or "", expires=dataset.expires, httponly=True, samesite="Lax", secure=request.is_secure
    )
    return response


def clear_owner_cookie(response: Response, dataset_id: str) -> Response:
    """Delete the cookie with the owner's key."""
    response.delete_cookie(_cookie_name(dataset_id))
    return response


def list_imported_files(query: Query) -> list[dict[str, Any]]:
    """Return the uploaded files in a query as dicts: `dataset`, and `delete_url`, which is None unless this browser uploaded it."""
    dataset_ids = dict.fromkeys(user.name.partition("/")[0] for user in query.users if user.network == FILES.name)
    if not dataset_ids or not upload_storage().is_enabled:
        return []
    datasets = [upload_storage().datasets.find(dataset_id) for dataset_id in dataset_ids]
    return [{"dataset": dataset, "delete_url": _delete_url(dataset.id)} for dataset in datasets if dataset]


def _delete_url(dataset_id: str) -> str | None:
    key = request.cookies.get(_cookie_name(dataset_id))
    return url_for("uploads.confirm_delete", identity=dataset_id, key=key, _external=True) if key else None


def _cookie_name(dataset_id: str) -> str:
    return f"chorus-file-{dataset_id}"
