"""Pictures that people have uploaded, wherever the portal keeps them."""

from __future__ import annotations

from .ckan import get_uploader, munge

#: What core calls the picture of a project, a user or an organisation, and
#: what its forms send along.
URL_FIELD = "image_url"
UPLOAD_FIELD = "image_upload"
CLEAR_FIELD = "clear_upload"


def remove(type_: str, name: str | None) -> None:
    """Delete an uploaded picture; one elsewhere on the web stays.

    :param type_: what it is a picture of, as core's uploaders call it
    :param name: the `image_url`. One that is no plain file name may point to
        a file that is none of ours, and is left alone.
    """
    if not is_file(name):
        return
    remover = get_uploader(type_, name)
    remover.update_data_dict(
        {URL_FIELD: name, CLEAR_FIELD: True},
        URL_FIELD,
        UPLOAD_FIELD,
        CLEAR_FIELD,
    )
    remover.upload()


def is_file(image_url: str | None) -> bool:
    """Whether a picture is an uploaded file."""
    return (
        bool(image_url)
        and not is_address(image_url)
        and image_url == munge.munge_filename_legacy(image_url)
    )


def is_address(image_url: str | None) -> bool:
    """Whether a picture is given by an address."""
    return (image_url or "").startswith(("http://", "https://"))
