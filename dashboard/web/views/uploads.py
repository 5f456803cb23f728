"""People's own files: taken in, told of, deleted by their owners. What is in a file is read below; here are only the forms around it."""

from typing import BinaryIO, cast

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from dashboard.core.errors import InvalidArchive, UnknownColumns
from dashboard.web.auth import file_owner
from dashboard.web.auth.csrf import from_here
from dashboard.web.extensions import imports

files = Blueprint("files", __name__)
files.before_request(from_here)
LARGEST = 4 * 2**30  # bytes of an upload: an archive with its pictures and films, of which only the posts are read
_COLUMN = "column-"  # begins the names of the fields that say which column is which


@files.post("/upload")
def upload() -> ResponseReturnValue:
    """Import a file, or one that waits for its columns to be named, and lead to its report."""
    request.max_content_length = LARGEST
    request.max_form_memory_size = 500_000
    columns = {name.removeprefix(_COLUMN): column for name, column in request.form.items() if name.startswith(_COLUMN) and column}
    given = request.files.get("file")
    if token := request.form.get("waiting", ""):
        return _waiting(token, columns)
    if given is None or not given.filename:
        raise InvalidArchive("No file was chosen.", "Choose the zip that X gave you, or a file with posts, and try again.")
    try:
        return _done(imports().datasets.create(cast(BinaryIO, given.stream), given.filename, columns))
    except UnknownColumns as unknown:
        return _ask(unknown, imports().pending.put(cast(BinaryIO, given.stream), given.filename))


@files.get("/datasets/<identity>/delete")
def delete(identity: str) -> str:
    """Ask whether a file shall go; the link is its owner's."""
    return render_template(
        "delete.html", dataset=imports().datasets.find(identity), identity=identity, key=request.args.get("key", ""), gone=False
    )


@files.post("/datasets/<identity>/delete")
def deleted(identity: str) -> ResponseReturnValue:
    """Delete a file by its owner's key."""
    dataset = imports().datasets.find(identity)
    if not imports().datasets.delete(identity, request.form.get("key", "")):
        raise InvalidArchive("Nothing was deleted: this file is not here any more, or the link is not its owner's.", "Check the link.")
    return file_owner.forgotten(
        Response(render_template("delete.html", dataset=dataset, identity=identity, key="", gone=True), mimetype="text/html"), identity
    )


def _waiting(token: str, columns: dict[str, str]) -> ResponseReturnValue:
    with imports().pending.taken(token) as (file, name):
        try:
            answer = _done(imports().datasets.create(file, name, columns))
        except UnknownColumns as unknown:
            return _ask(unknown, token, columns)
    imports().pending.drop(token)
    return answer


def _ask(unknown: UnknownColumns, token: str, columns: dict[str, str] | None = None) -> ResponseReturnValue:
    """Show the first rows of a table, and ask which column is which."""
    return render_template("columns.html", unknown=unknown, token=token, chosen=columns or {}, prefix=_COLUMN), 422


def _done(dataset: "file_owner.Owned") -> ResponseReturnValue:
    return file_owner.remembered(redirect(f"{url_for('pages.report')}?users={dataset.written}", 303), dataset)
