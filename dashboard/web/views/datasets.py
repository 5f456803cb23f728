"""Show how imported files were understood, and let their owners delete them.

How files are uploaded and corrected belongs in `uploads.py`.
"""

from typing import TYPE_CHECKING

from flask import Blueprint, jsonify, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from dashboard.core.errors import NotDeleted
from dashboard.core.messages import translatable
from dashboard.core.source_errors import ImportedFileNotFound
from dashboard.sources.files.import_description import describe_import, describe_unreadable, warn_of_unreadable
from dashboard.web.auth import file_owner
from dashboard.web.auth.csrf import require_same_origin
from dashboard.web.extensions import fact_tables, kept_reports, kept_results, upload_storage
from dashboard.web.presenters import file_reports, import_summary
from dashboard.web.presenters.import_form import COLUMN_FIELD_PREFIX, ImportForm

if TYPE_CHECKING:
    from dashboard.sources.files.dataset import Dataset

datasets = Blueprint("datasets", __name__)
datasets.before_request(require_same_origin)


@datasets.get("/datasets/<identity>")
def show_dataset(identity: str) -> str:
    """Show how a file was understood. Its owner can correct that."""
    return render_summary(_find_dataset(identity))


@datasets.get("/datasets/<identity>.json")
def describe_dataset(identity: str) -> ResponseReturnValue:
    """Return how a file was understood as JSON."""
    return jsonify(import_summary.build_document(_find_dataset(identity)))


@datasets.get("/datasets/<identity>/delete")
def confirm_delete(identity: str) -> str:
    """Ask for confirmation to delete a file. Only its owner has the link; with any other key, the page says that the file doesn't exist."""
    dataset, owner_key = upload_storage().datasets.find(identity), request.args.get("key", "")
    if dataset and not upload_storage().datasets.is_owner(dataset, owner_key):
        dataset = None
    return render_template("delete.html", dataset=dataset, dataset_id=identity, owner_key=owner_key, is_deleted=False)


@datasets.post("/datasets/<identity>/delete")
def delete_dataset(identity: str) -> ResponseReturnValue:
    """Delete a file if the key is its owner's."""
    dataset = upload_storage().datasets.find(identity)
    if not delete(identity, request.form.get("key", "")):
        raise NotDeleted
    page = render_template(
        "delete.html", dataset=dataset, dataset_id=identity, owner_key="", is_deleted=True, language_path=url_for("pages.index")
    )
    return file_owner.clear_owner_cookie(Response(page, mimetype="text/html"), identity)


def delete(dataset_id: str, owner_key: str) -> bool:
    """Delete a dataset and the file that it was imported from, if the key is its owner's."""
    is_deleted = upload_storage().datasets.delete(dataset_id, owner_key)
    if is_deleted:
        fact_tables().forget(f"file:{dataset_id}")
        kept_results().clear()
        kept_reports().clear()
        upload_storage().staging.remove_original(owner_key)
    return is_deleted


def render_summary(dataset: "Dataset", form: ImportForm | None = None, problem: str = "") -> str:
    """Render the summary; with a form that couldn't be used, its problem is shown and what was typed stays."""
    owner_key = file_owner.read_owner_key(dataset.id)
    is_owner = upload_storage().datasets.is_owner(dataset, owner_key)
    token = upload_storage().staging.find_original(owner_key) if is_owner else None
    return render_template(
        "dataset.html",
        dataset=dataset,
        facts=describe_import(dataset),
        describe_unreadable=describe_unreadable,
        unreadable_warning=warn_of_unreadable(dataset),
        summary=import_summary,
        report_url=file_reports.report_url(dataset),
        corrections=import_summary.build_corrections(dataset.summary, token, form, problem) if is_owner else None,
        delete_url=file_owner.delete_url(dataset.id) if is_owner else None,
        field_prefix=COLUMN_FIELD_PREFIX,
        language_path=url_for("datasets.show_dataset", identity=dataset.id),
    )


def _find_dataset(identity: str) -> "Dataset":
    """Return a dataset. Raises ImportedFileNotFound if there is none with this ID."""
    dataset = upload_storage().datasets.find(identity)
    if dataset is None:
        raise ImportedFileNotFound(f"file:{identity[:32]}", translatable("The file was deleted, has expired, or the link is incomplete."))
    return dataset


def find_owned(identity: str) -> "Dataset | None":
    """Return a dataset if this browser uploaded it, None otherwise."""
    dataset = upload_storage().datasets.find(identity) if identity else None
    return dataset if dataset and upload_storage().datasets.is_owner(dataset, file_owner.read_owner_key(identity)) else None
