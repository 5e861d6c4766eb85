"""The picture of a project: taken in, stored, replaced, shown.

A picture is written only after the project was found valid and its editor
allowed, and before the database commits; the one it replaces goes after the
commit. So no failure leaves a project without its picture.

What is stored was written anew by Pillow: a photo tells where it was taken.
"""

from __future__ import annotations

import io
import logging
import mimetypes
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

import ckantoolkit as tk
import magic
from PIL import Image, ImageCms, ImageOps
from werkzeug.datastructures import FileStorage

from .. import config
from ..config import PROJECT_TYPE
from ..lib import jobs, uploads
from ..lib.ckan import (
    Context,
    PUploader,
    boolean_validator,
    files,
    get_max_image_size,
    get_uploader,
    munge,
)
from ..lib.uploads import CLEAR_FIELD, UPLOAD_FIELD, URL_FIELD, is_address

log = logging.getLogger(__name__)

# Python before 3.13 knows it from the system only, if at all.
mimetypes.add_type("image/webp", ".webp")

#: More than a phone's camera usually gives; a small file may hold far more.
MAX_PIXELS = 25_000_000

#: What is larger is made smaller, in pixels: no screen shows more of it, and
#: to write it would take seconds.
MAX_SIDE = 2400

#: Of what a type can compress.
QUALITY = 90

#: Name of the job that removes one.
REMOVE = "remove-picture"

_CONTEXT_KEY = "digifarm_picture"


@contextmanager
def taken_from(
    context: Context, data_dict: dict[str, Any], old: str
) -> Iterator[None]:
    """Handle the picture while the block creates or updates a project.

    :param context: of the action; `store` finds the picture in it
    :param data_dict: the project; its `image_upload` (an uploaded file) and
        `clear_upload` are taken out and `image_url` is set
    :param old: the project's `image_url` so far, or ""
    :raises ValidationError: where the file is no picture of an allowed type
        or is too large
    """
    clear = boolean_validator(data_dict.pop(CLEAR_FIELD, None), context)
    upload = data_dict.pop(UPLOAD_FIELD, None)
    picture: PUploader | None = None
    if getattr(upload, "filename", None):
        picture = _picture(upload, data_dict)
    elif clear:
        data_dict[URL_FIELD] = ""
    new: Any = data_dict.get(URL_FIELD)
    inner = cast("dict[str, Any]", context)
    inner[_CONTEXT_KEY] = picture
    inner["digifarm_pictures"] = {old} | ({new} if picture else set())
    try:
        yield
    except Exception:
        if picture and _CONTEXT_KEY not in inner:
            remove(new)
        raise
    # A deferred update is dropped by core, and needs the old one.
    if old and new != old and not context.get("defer_commit"):
        try:
            remove(old)
        except files.exc.StorageError:
            log.exception("The picture %s could not be removed", old)


def store(context: Context) -> None:
    """Write the picture that the running action has taken in, if any."""
    picture = cast("dict[str, Any]", context).pop(_CONTEXT_KEY, None)
    if picture is not None:
        _write(picture)


class CleanPicture(FileStorage):
    """A picture that was cleaned already; see `content`."""

    def __init__(self, content: bytes, filename: str) -> None:
        super().__init__(io.BytesIO(content), filename)


def content(upload: Any) -> bytes:
    """An uploaded picture without its metadata.

    :param upload: an uploaded file
    :raises ValidationError: where it is no picture of an allowed type, or is
        too large
    """
    if isinstance(upload, CleanPicture):
        upload.stream.seek(0)
        return upload.stream.read()
    type_ = _check(upload)
    return _cleaned(upload.stream.read(), type_)


@contextmanager
def kept(content: bytes) -> Iterator[str]:
    """Write a picture that a project has once the block has committed.

    :param content: as `content` gave it
    :returns: the `image_url` of the project
    """
    data: dict[str, Any] = {}
    _write(_uploader(content, data))
    name = data[URL_FIELD]
    try:
        yield name
    except Exception:
        remove(name)
        raise


def mimetype(content: bytes) -> str:
    """The MIME type of a picture."""
    return magic.from_buffer(content[:2048], mime=True)


def _write(picture: PUploader) -> None:
    # The upload was measured; what Pillow made of it may be a bit larger.
    picture.upload(sys.maxsize)


def _picture(upload: Any, data_dict: dict[str, Any]) -> PUploader:
    return _uploader(content(upload), data_dict)


def _uploader(content: bytes, data_dict: dict[str, Any]) -> PUploader:
    """Whatever writes a picture; its name is the `image_url` then."""
    type_ = mimetype(content)
    # Uploaders judge by the name, which says nothing, or not at all.
    name = f"picture{mimetypes.guess_extension(type_)}"
    file = FileStorage(io.BytesIO(content), name, content_type=type_)
    data = {UPLOAD_FIELD: file}
    picture = get_uploader(PROJECT_TYPE)
    picture.update_data_dict(data, URL_FIELD, UPLOAD_FIELD, CLEAR_FIELD)
    data_dict[URL_FIELD] = data[URL_FIELD]
    return picture


def _check(upload: Any) -> str:
    """The MIME type of an uploaded picture.

    :raises ValidationError: where it isn't allowed, or the file is too large
    """
    if not tk.h.uploads_enabled(PROJECT_TYPE):
        raise tk.ValidationError(
            {UPLOAD_FIELD: [tk._("Pictures can’t be uploaded to this portal")]}
        )
    size = upload.stream.seek(0, 2)
    upload.stream.seek(0)
    if size > get_max_image_size() * 1024 * 1024:
        raise tk.ValidationError(
            {
                UPLOAD_FIELD: [
                    tk._("The picture may be at most {size} MB").format(
                        size=get_max_image_size()
                    )
                ]
            }
        )
    type_ = mimetype(upload.stream.read(2048))
    upload.stream.seek(0)
    if type_ not in config.picture_mimetypes():
        raise _wrong_type()
    return type_


def _cleaned(content: bytes, type_: str) -> bytes:
    """A picture without what its file says besides, the right way up.

    An animated one becomes its first image.

    :raises ValidationError: where Pillow can't read it, or it is too large
    """
    Image.init()
    formats = [name for name, mime in Image.MIME.items() if mime == type_]
    result = io.BytesIO()
    try:
        # Readers of other types have no business here.
        with Image.open(io.BytesIO(content), formats=formats) as image:
            _check_pixels(image)
            clean = ImageOps.exif_transpose(image)
            clean.thumbnail((MAX_SIDE, MAX_SIDE))
            # Without these it would look wrong.
            colours = _colours(clean.info.get("icc_profile"))
            clear = clean.info.get("transparency")
            clean.info = {} if clear is None else {"transparency": clear}
            clean.save(
                result, formats[0], quality=QUALITY, icc_profile=colours
            )
    except Image.DecompressionBombError as e:
        raise _too_many_pixels() from e
    except tk.ValidationError:
        raise
    except Exception as e:
        # There is hardly an error that a broken file can't cause.
        log.info("A picture could not be read: %s", e)
        raise _wrong_type() from e
    return result.getvalue()


def _colours(profile: bytes | None) -> bytes | None:
    """The profile of colours of a picture, where it is one."""
    try:
        ImageCms.ImageCmsProfile(io.BytesIO(profile or b""))
    except OSError:
        return None
    return profile


def _check_pixels(image: Image.Image) -> None:
    """Refuse a picture that would fill the memory, before it is unpacked."""
    if image.width * image.height > MAX_PIXELS:
        raise _too_many_pixels()


def _too_many_pixels() -> tk.ValidationError:
    message = tk._("The picture may have at most {number} million pixels")
    said = message.format(number=MAX_PIXELS // 1_000_000)
    return tk.ValidationError({UPLOAD_FIELD: [said]})


def _wrong_type() -> tk.ValidationError:
    return tk.ValidationError({UPLOAD_FIELD: [_allowed_types()]})


def _allowed_types() -> str:
    names = [
        mimetype.removeprefix("image/").upper()
        for mimetype in config.picture_mimetypes()
    ]
    return tk._("Must be a picture of one of these types: {types}").format(
        types=", ".join(names)
    )


@jobs.kind(REMOVE)
def remove(name: str) -> None:
    """Delete a stored picture; a picture elsewhere on the web stays.

    :param name: the `image_url` of a project
    """
    uploads.remove(PROJECT_TYPE, name)


def address(image_url: str | None) -> str:
    """Where the picture is shown from.

    :param image_url: as the project holds it
    :returns: an absolute address of this portal, or "" where there is no
        picture, or one that is still elsewhere
    """
    if not image_url or is_foreign(image_url):
        return ""
    if is_address(image_url):
        return image_url
    name = munge.munge_filename_legacy(image_url)
    try:
        storage = files.get_storage(config.picture_storage())
    except files.exc.UnknownStorageError:
        return tk.h.url_for_static(
            f"uploads/{PROJECT_TYPE}/{name}", qualified=True
        )
    return storage.permanent_link(files.FileData.from_string(name)) or ""


def is_foreign(image_url: str | None) -> bool:
    """Whether a picture is one elsewhere on the web, not of this portal."""
    own = tk.config["ckan.site_url"].rstrip("/")
    return is_address(image_url) and not str(image_url).startswith(f"{own}/")
