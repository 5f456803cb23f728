"""Upload files, ask what they leave open, and correct how they were understood.

Only the forms are here; `sources/files` reads the files, and `datasets.py` shows and deletes them.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, BinaryIO, cast

from flask import Blueprint, Flask, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import FileStorage

from dashboard.core.errors import InvalidFile, UnknownColumns
from dashboard.core.messages import translatable
from dashboard.sources.files.durable_files import describe_storage_error
from dashboard.sources.files.import_summary import NO_COLUMN
from dashboard.sources.files.times.choices import UnknownTimeZone
from dashboard.web.auth import access, file_owner
from dashboard.web.auth.csrf import require_same_origin
from dashboard.web.extensions import upload_storage
from dashboard.web.presenters import import_summary
from dashboard.web.presenters.import_form import COLUMN_FIELD_PREFIX, ImportForm, parse_import_form
from dashboard.web.services import Services
from dashboard.web.views.datasets import delete, find_owned, render_summary

if TYPE_CHECKING:
    from dashboard.sources.files.dataset import Dataset

uploads = Blueprint("uploads", __name__)
uploads.before_request(require_same_origin)
MAX_UPLOAD_BYTES = 4 * 2**30  # bytes of an upload: X archives include images and videos, although only the posts are read


def credentials_checker(app: Flask) -> Callable[[Mapping[str, str]], bool]:
    """Return a function of a request's headers (named as in `COOKIE`) that says whether `upload` would read the request's body.

    It may say so although the sign-in has ended: looking that up may take as long as Redis takes.
    """
    services: Services = app.extensions["chorus"]
    return lambda headers: services.upload_storage.is_enabled and access.may_have_key(app, headers)


@uploads.post("/upload")
def upload() -> ResponseReturnValue:
    """Import an uploaded file, or a staged one, and redirect to its report, or to its summary if one of our forms asks for that."""
    access.require_key(translatable("Uploading a file"))
    upload_storage().require_enabled()
    with upload_storage().admission.receive():
        _receive_form()
        form = parse_import_form(request.form)
        try:
            return _answer(form)
        except InvalidFile as error:
            if dataset := find_owned(form.replaced_id):
                return render_summary(dataset, form, error.message), 422
            raise


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


def _answer(form: ImportForm) -> ResponseReturnValue:
    if form.asks_for_columns:
        return _ask_again(form)
    return _import_staged(form) if form.staging_token else _import_uploaded(request.files.get("file"), form)


def _import_uploaded(uploaded_file: FileStorage | None, form: ImportForm) -> ResponseReturnValue:
    if uploaded_file is None or not uploaded_file.filename:
        raise InvalidFile(translatable("Choose a file first."), translatable("You can upload the zip from X or a file of posts."))
    file, staging, client = cast(BinaryIO, uploaded_file.stream), upload_storage().staging, request.remote_addr or ""
    try:
        dataset = _import_with_answers(file, uploaded_file.filename, form)
    except UnknownColumns as error:
        token = staging.stage_file(file, uploaded_file.filename, client)
        return _ask_for_columns(error, replace(form, staging_token=token))
    except UnknownTimeZone as error:
        if not _can_ask_for_zone(form):
            raise
        return _ask_for_zone(error, replace(form, staging_token=staging.stage_file(file, uploaded_file.filename, client)))
    if form.shows_summary and import_summary.needs_original(dataset.summary):
        staging.stage_original(file, uploaded_file.filename, client, dataset.owner_key or "")
    return _redirect_to(dataset, form)


def _import_with_answers(file: BinaryIO, name: str, form: ImportForm) -> "Dataset":
    """Import a file, with the columns that the client chose for the same header before, if it has to."""
    try:
        return _import_file(file, name, form)
    except UnknownColumns as error:
        column_by_field = upload_storage().column_answers.find(request.remote_addr or "", error.columns)
        if form.column_by_field or not error.missing_fields or not column_by_field:
            raise
        return _import_file(file, name, replace(form, column_by_field=column_by_field), are_columns_remembered=True)


def _import_staged(form: ImportForm) -> ResponseReturnValue:
    staging = upload_storage().staging
    with staging.open_staged(form.staging_token) as (file, name):
        try:
            dataset = _import_file(file, name, form)
        except UnknownColumns as error:
            return _ask_for_columns(error, form)
        except UnknownTimeZone as error:
            if not _can_ask_for_zone(form):
                raise
            return _ask_for_zone(error, form)
    if form.shows_summary and import_summary.needs_original(dataset.summary):
        staging.keep_as_original(form.staging_token, dataset.owner_key or "")
    else:
        staging.remove_file(form.staging_token)
    if dataset.summary is not None:  # its columns, not those that the form names: they would let anybody answer for others
        upload_storage().column_answers.remember(request.remote_addr or "", dataset.summary.columns, form.column_by_field)
    return _redirect_to(dataset, form)


def _import_file(file: BinaryIO, name: str, form: ImportForm, *, are_columns_remembered: bool = False) -> "Dataset":
    upload_storage().staging.remove_expired()
    with upload_storage().admission.take_turn():
        return upload_storage().datasets.import_file(
            file, name, form.column_by_field, are_columns_remembered=are_columns_remembered, **form.choices
        )


def _redirect_to(dataset: "Dataset", form: ImportForm) -> ResponseReturnValue:
    """Redirect to a new file, which replaces the one that it corrects."""
    page_url = url_for("datasets.show_dataset", identity=dataset.id)
    response = redirect(page_url if form.shows_summary else f"{url_for('pages.report')}?users={dataset.canonical_name}", 303)
    response.headers.add("Link", f'<{page_url}.json>; rel="describedby"; type="application/json"')
    if replaced := find_owned(form.replaced_id):
        delete(replaced.id, file_owner.read_owner_key(replaced.id))
        file_owner.clear_owner_cookie(response, replaced.id)
    return file_owner.set_owner_cookie(response, dataset)


def _ask_again(form: ImportForm) -> ResponseReturnValue:
    """Ask how the columns of an imported file match. Raises InvalidFile unless its owner asks, and it is kept or sent once more."""
    dataset, file, staging = find_owned(form.replaced_id), request.files.get("file"), upload_storage().staging
    if dataset is None or dataset.summary is None:
        raise InvalidFile(translatable("This upload has expired."), translatable("Upload the file again."))
    token = staging.find_original(file_owner.read_owner_key(dataset.id))
    if token is None and file is not None and file.filename:
        token = staging.stage_file(cast(BinaryIO, file.stream), file.filename, request.remote_addr or "")
    if token is None:
        raise InvalidFile(translatable("This upload has expired."), translatable("Choose the file again."))
    question, used_columns = import_summary.build_column_question(dataset.summary)
    return _render_question(question, replace(form, column_by_field=used_columns, staging_token=token))


def _ask_for_columns(error: UnknownColumns, form: ImportForm) -> ResponseReturnValue:
    """Show the first rows of a table and ask what its columns contain, or how their times are written."""
    return _render_question(error, form), 422


def _can_ask_for_zone(form: ImportForm) -> bool:
    """Return whether an unknown zone is a question: programs get the error, and the page that corrects a file shows it at its own field."""
    return form.shows_summary and not form.replaced_id


def _ask_for_zone(error: UnknownTimeZone, form: ImportForm) -> ResponseReturnValue:
    """Show a form with the unknown zone, which keeps the file and all other choices."""
    question = UnknownColumns(error.detail, columns=[], sample_rows=[], missing_fields=[], problems={"zone": error.message})
    return _render_question(question, form), 422


def _render_question(question: UnknownColumns, form: ImportForm) -> str:
    return render_template(
        "columns.html",
        unknown_columns=question,
        form=form,
        staging_token=form.staging_token,
        chosen_columns=dict(question.suggestions) | dict(form.column_by_field),
        no_column=NO_COLUMN,
        time_choices={"zone": form.zone, "date_order": form.date_order},
        field_prefix=COLUMN_FIELD_PREFIX,
        language_path=url_for("datasets.show_dataset", identity=form.replaced_id) if form.replaced_id else "",
    )
