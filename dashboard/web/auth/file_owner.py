"""Whose file is whose: the owner's key of an imported file in a cookie of the browser that imported it, and nowhere else."""

from datetime import datetime
from typing import Any, Protocol

from flask import request, url_for
from werkzeug.wrappers import Response

from dashboard.core.query import Query
from dashboard.web.extensions import upload_storage


class OwnedDataset(Protocol):
    """What is needed of a dataset here."""

    @property
    def id(self) -> str:
        """The dataset's id."""
        ...

    @property
    def canonical_name(self) -> str:
        """The canonical form of its accounts."""
        ...

    @property
    def owner_key(self) -> str | None:
        """The key that deletes it."""
        ...

    @property
    def expires(self) -> datetime:
        """When it goes by itself."""
        ...


def set_owner_cookie(response: Response, dataset: OwnedDataset) -> Response:
    """Give the browser the owner's key, for as long as the file is kept; no script can read it."""
    response.set_cookie(
        _cookie_name(dataset.id), dataset.owner_key or "", expires=dataset.expires, httponly=True, samesite="Lax", secure=request.is_secure
    )
    return response


def clear_owner_cookie(response: Response, dataset_id: str) -> Response:
    """Take the key back."""
    response.delete_cookie(_cookie_name(dataset_id))
    return response


def list_imported_files(query: Query) -> list[dict[str, Any]]:
    """Return the imported files of a question: what was read of each, and for its owner the link that deletes it."""
    ids = dict.fromkeys(user.name.partition("/")[0] for user in query.users if user.network == "file")
    found = [upload_storage().datasets.find(identity) for identity in ids] if ids and upload_storage().is_enabled else []
    return [{"dataset": dataset, "delete_url": _delete_url(dataset.id)} for dataset in found if dataset]


def _delete_url(dataset_id: str) -> str | None:
    key = request.cookies.get(_cookie_name(dataset_id))
    return url_for("uploads.confirm_delete", identity=dataset_id, key=key, _external=True) if key else None


def _cookie_name(dataset_id: str) -> str:
    return f"chorus-file-{dataset_id}"
