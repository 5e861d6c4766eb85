"""The picture that a form brings: chosen just now, or kept from before."""

from __future__ import annotations

import base64
from typing import Any

import ckantoolkit as tk
from werkzeug.datastructures import FileStorage

from ..lib.rate_limits import LimitReached
from . import kept_pictures, pictures

#: Fields of the form: the token of the picture that is kept, the name of its
#: file, and whether it shall be kept no longer.
TOKEN = "kept_picture"  # noqa: S105 – the name of a field
NAME = "kept_picture_name"
DROP = "drop_picture"

#: Of the name of a file, in characters.
NAME_LENGTH = 100


class FormPicture:
    """The picture that the form brings which is sent now.

    `upload` is the file for the action, or None; `errors` is what is wrong:
    the picture may be kept no longer.
    """

    def __init__(self) -> None:
        form, chosen = tk.request.form, tk.request.files.get("image_upload")
        self._token, self._name = form.get(TOKEN, ""), form.get(NAME, "")
        self._is_new = bool(chosen and chosen.filename)
        self.upload: FileStorage | None = None
        self.errors: dict[str, list[str]] = {}
        if chosen and self._is_new:
            self.upload, self._name = chosen, str(chosen.filename)
        elif self._token and form.get(DROP):
            tk.get_action("digifarm_picture_drop")({}, {"token": self._token})
            self._token = ""
        elif self._token:
            self._find()
        self._name = self._name[-NAME_LENGTH:]

    def _find(self) -> None:
        try:
            found = tk.get_action("digifarm_picture_kept")(
                {}, {"token": self._token}
            )
        except (tk.ObjectNotFound, tk.ValidationError):
            self._token = ""
            self.errors = {pictures.UPLOAD_FIELD: [kept_pictures.lost()]}
            return
        content = base64.b64decode(found["content"])
        self.upload = pictures.CleanPicture(content, self._name or "picture")

    def keep(self, errors: dict[str, Any]) -> dict[str, Any]:
        """Keep the picture, as the form comes back.

        :param errors: what is wrong with the form; why the picture can't be
            kept comes to it
        :returns: `kept`: the picture for the form, as picture.html wants it;
            and `errors`
        """
        messages = self._store() if self._is_new else []
        if messages:
            stated = errors.get(pictures.UPLOAD_FIELD, [])
            errors = {**errors, pictures.UPLOAD_FIELD: [*stated, *messages]}
        kept = None
        if self._token:
            address = tk.url_for("digifarm_pictures.kept", token=self._token)
            kept = {
                "token": self._token,
                "name": self._name,
                "address": address,
            }
        return {"kept": kept, "errors": errors}

    def _store(self) -> list[str]:
        """Keep a new picture.

        :returns: why it can't be
        """
        self._token = ""
        upload = self.upload
        try:
            found = tk.get_action("digifarm_picture_keep")(
                {}, {pictures.UPLOAD_FIELD: upload}
            )
        except LimitReached as e:
            return [kept_pictures.lost(), str(e.message)]
        except tk.NotAuthorized:
            return [kept_pictures.lost()]
        except tk.ValidationError as e:
            return tk.h.digifarm_errors(e.error_dict)["image_url"]
        self._token = found["token"]
        return []
