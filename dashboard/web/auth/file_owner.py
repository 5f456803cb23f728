"""Whose file is whose: the owner's key of an imported file in a cookie of the browser that imported it, and nowhere else."""

from datetime import datetime
from typing import Any, Protocol

from flask import request, url_for
from werkzeug.wrappers import Response

from dashboard.core.query import Query
from dashboard.web.extensions import imports


class Owned(Protocol):
    """What is needed of a dataset here."""

    @property
    def id(self) -> str:
        """The dataset's id."""
        ...

    @property
    def written(self) -> str:
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


def remembered(response: Response, dataset: Owned) -> Response:
    """Give the browser the owner's key, for as long as the file is kept; no script can read it."""
    response.set_cookie(
        _name(dataset.id), dataset.owner_key or "", expires=dataset.expires, httponly=True, samesite="Lax", secure=request.is_secure
    )
    return response


def forgotten(response: Response, identity: str) -> Response:
    """Take the key back."""
    response.delete_cookie(_name(identity))
    return response


def of(query: Query) -> list[dict[str, Any]]:
    """Return the imported files of a question: what was read of each, and for its owner the link that deletes it."""
    ids = dict.fromkeys(user.name.partition("/")[0] for user in query.users if user.network == "file")
    found = [imports().datasets.find(identity) for identity in ids] if ids and imports().on else []
    return [{"dataset": dataset, "delete": _link(dataset.id)} for dataset in found if dataset]


def _link(identity: str) -> str | None:
    key = request.cookies.get(_name(identity))
    return url_for("files.delete", identity=identity, key=key, _external=True) if key else None


def _name(identity: str) -> str:
    return f"chorus-file-{identity}"
