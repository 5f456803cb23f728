"""Upload files, and let their owners delete them. Only the forms are here; `sources/files` reads the files."""

from collections.abc import Callable, Mapping
from typing import BinaryIO, cast

from flask import Blueprint, Flask, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response

from dashboard.core.errors import InvalidFile, UnknownColumns
from dashboard.sources.files.column_answers import digest_header
from dashboard.sources.files.durable_files import describe_storage_error
from dashboard.web.auth import access, file_owner
from dashboard.web.auth.csrf import require_same_origin
from dashboard.web.extensions import Services, upload_storage

uploads = Blueprint("uploads", __name__)
uploads.before_request(require_same_origin)
MAX_UPLOAD_BYTES = 4 * 2**30  # bytes of an upload: X archives include images and videos, although only the posts are read
_COLUMN_FIELD_PREFIX = "column-"  # prefix of the form fields that match columns
_TIME_CHOICES = ("zone", "date_order")  # form fields that say how times are written, with the values of `times.choices`
_MAX_CHOICE_CHARS = 100


def credentials_checker(app: Flask) -> Callable[[Mapping[str, str]], bool]:
    """Return a function of a request's headers (named as in `COOKIE`) that says whether `upload` would read the request's body.

    It may say so although the key or the sign-in isn't valid: looking that up may take as long as Redis takes.
    """
    services: Services = app.extensions["chorus"]
    return lambda headers: services.upload_storage.is_enabled and access.may_have_key(app, headers)


@uploads.post("/upload")
def upload() -> ResponseReturnValue:
    """Import an uploaded file, or a staged one whose columns have been matched, and redirect to its report."""
    access.require_key("Uploading a file")
    upload_storage().require_enabled()
    with upload_storage().admission.receive():
        _receive_form()
        columns = {
            name.removeprefix(_COLUMN_FIELD_PREFIX): column
            for name, column in request.form.items()
            if name.startswith(_COLUMN_FIELD_PREFIX) and column
        }
        time_choices = {name: request.form.get(name, "")[:_MAX_CHOICE_CHARS] for name in _TIME_CHOICES}
        if token := request.form.get("waiting", ""):
            return _import_staged(token, columns, time_choices)
        return _import_uploaded(request.files.get("file"), columns, time_choices)


@uploads.get("/datasets/<identity>/delete")
def confirm_delete(identity: str) -> str:
    """Ask for confirmation to delete a file. Only its owner has the link."""
    return render_template(
        "delete.html",
        dataset=upload_storage().datasets.find(identity),
        dataset_id=identity,
        owner_key=request.args.get("key", ""),
        is_deleted=False,
    )


@uploads.post("/datasets/<identity>/delete")
def delete_dataset(identity: str) -> ResponseReturnValue:
    """Delete a file if the key is its owner's."""
    dataset = upload_storage().datasets.find(identity)
    if not upload_storage().datasets.delete(identity, request.form.get("key", "")):
        raise InvalidFile("Nothing was deleted. The file no longer exists, or this isn't its owner's link.", "Check the link.")
    return file_owner.clear_owner_cookie(
        Response(render_template("delete.html", dataset=dataset, dataset_id=identity, owner_key="", is_deleted=True), mimetype="text/html"),
        identity,
    )


def _receive_form() -> None:
    """Read the request's form and files, which are stored in TMPDIR while the request lasts. Raises StorageUnavailable if they can't be."""
    request.max_content_length = MAX_UPLOAD_BYTES
    request.max_form_memory_size = 500_000
    try:
        request.files  # noqa: B018 (the first access reads the body)
    except (ConnectionError, TimeoutError):
        raise
    except OSError as error:
        raise describe_storage_error(error) from error


def _import_uploaded(uploaded_file: FileStorage | None, columns: dict[str, str], time_choices: dict[str, str]) -> ResponseReturnValue:
    if uploaded_file is None or not uploaded_file.filename:
        raise InvalidFile("Choose a file first.", "You can upload the zip from X or a file of posts.")
    file = cast(BinaryIO, uploaded_file.stream)
    try:
        return _import_with_answers(file, uploaded_file.filename, columns, time_choices)
    except UnknownColumns as error:
        token = upload_storage().staging.stage_file(file, uploaded_file.filename, request.remote_addr or "")
        return _ask_for_columns(error, token, columns, time_choices)


def _import_with_answers(file: BinaryIO, name: str, columns: dict[str, str], time_choices: dict[str, str]) -> ResponseReturnValue:
    """Import a file, with the columns that the client chose for the same header before, if it has to."""
    try:
        return _import_file(file, name, columns, time_choices)
    except UnknownColumns as error:
        answer = upload_storage().column_answers.find(request.remote_addr or "", error.columns)
        if columns or not error.missing_fields or not answer:
            raise
        return _import_file(file, name, answer, time_choices)


def _import_staged(staging_token: str, columns: dict[str, str], time_choices: dict[str, str]) -> ResponseReturnValue:
    with upload_storage().staging.open_staged(staging_token) as (file, name):
        try:
            response = _import_file(file, name, columns, time_choices)
        except UnknownColumns as error:
            return _ask_for_columns(error, staging_token, columns, time_choices)
    upload_storage().staging.remove_file(staging_token)
    upload_storage().column_answers.remember(request.form.get("header", ""), columns)
    return response


def _import_file(file: BinaryIO, name: str, columns: dict[str, str], time_choices: dict[str, str]) -> ResponseReturnValue:
    with upload_storage().admission.take_turn():
        return _redirect_to_report(upload_storage().datasets.import_file(file, name, columns, **time_choices))


def _ask_for_columns(
    error: UnknownColumns, staging_token: str, chosen_columns: dict[str, str], time_choices: dict[str, str]
) -> ResponseReturnValue:
    """Show the first rows of a table and ask what its columns contain, or how their times are written."""
    return render_template(
        "columns.html",
        unknown_columns=error,
        staging_token=staging_token,
        chosen_columns=error.suggestions | chosen_columns,
        header_digest=digest_header(request.remote_addr or "", error.columns),
        time_choices=time_choices,
        field_prefix=_COLUMN_FIELD_PREFIX,
    ), 422


def _redirect_to_report(dataset: "file_owner.OwnedDataset") -> ResponseReturnValue:
    return file_owner.set_owner_cookie(redirect(f"{url_for('pages.report')}?users={dataset.canonical_name}", 303), dataset)
