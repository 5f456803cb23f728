"""Remembers who uploaded a file: its owner's key is stored in a cookie of that browser, and nowhere else.

Pages of files contain it for their owners, so no cache may store them.
"""

from datetime import datetime
from typing import Any, Protocol

from flask import Flask, Response, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from dashboard.core.query import Query
from dashboard.sources.files.network import FILES
from dashboard.web import urls
from dashboard.web.auth import cookies
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


def init_app(app: Flask) -> None:
    """Keep pages of files out of caches."""
    app.after_request(_disable_caching)


def set_owner_cookie(response: BaseResponse, dataset: OwnedDataset) -> BaseResponse:
    """Store the owner's key in a cookie that lasts as long as the file; scripts can't read it."""
    cookies.set_cookie(response, _cookie_name(dataset.id), dataset.owner_key or "", expires=dataset.expires)
    return response


def clear_owner_cookie(response: BaseResponse, dataset_id: str) -> BaseResponse:
    """Delete the cookie with the owner's key, also one that was set before cookies had a prefix."""
    cookies.delete_cookie(response, _cookie_name(dataset_id))
    if urls.is_https():
        response.delete_cookie(_cookie_name(dataset_id))
    return response


def _disable_caching(response: Response) -> Response:
    if request.blueprint in ("uploads", "datasets") or (response.mimetype == "text/html" and _is_about_files()):
        response.headers["Cache-Control"] = "private, no-store"
        response.vary.add("Cookie")
    return response


def _is_about_files() -> bool:
    prefix = FILES.format_account("")
    return any(name.strip().startswith(prefix) for value in request.args.getlist("users") for name in value.lower().split(","))


def list_imported_files(query: Query) -> list[dict[str, Any]]:
    """Return the uploaded files in a query as dicts: `dataset`, and `delete_url`, which is None unless this browser uploaded it."""
    dataset_ids = dict.fromkeys(user.name.partition("/")[0] for user in query.users if user.network == FILES.name)
    if not dataset_ids or not upload_storage().is_enabled:
        return []
    datasets = [upload_storage().datasets.find(dataset_id) for dataset_id in dataset_ids]
    return [{"dataset": dataset, "delete_url": delete_url(dataset.id)} for dataset in datasets if dataset]


def read_owner_key(dataset_id: str) -> str:
    """Return the owner's key that this browser has for a file, empty if it has none."""
    name = _cookie_name(dataset_id)
    return cookies.read_cookie(name) or request.cookies.get(name) or ""  # the latter has no prefix


def delete_url(dataset_id: str) -> str | None:
    """Return the link that deletes a file, or None if this browser has no key for it."""
    key = read_owner_key(dataset_id)
    return urls.absolute(url_for("datasets.confirm_delete", identity=dataset_id, key=key)) if key else None


def _cookie_name(dataset_id: str) -> str:
    return f"chorus-file-{dataset_id}"
