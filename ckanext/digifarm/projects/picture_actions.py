from __future__ import annotations

import base64

import ckantoolkit as tk

from ..lib import rate_limits
from ..lib import schema as lib_schema
from ..lib.ckan import Context, DataDict
from ..lib.context import commit, user_id
from . import kept_pictures, pictures, schema


@tk.validate_action_data(schema.picture_keep)
def digifarm_picture_keep(
    context: Context, data_dict: DataDict
) -> dict[str, str]:
    """Keep the picture of a form that comes back with mistakes, for a day.

    Everybody may who may send a form that takes a picture.

    :param image_upload: the picture, an uploaded file

    :returns: `token`, by which it is found
    :rtype: dictionary

    :raises NotAuthorized: where you may not, or not that many
    :raises ValidationError: where it is no picture of an allowed type, or too
        large, or where too many were kept just now
    """
    tk.check_access("digifarm_picture_keep", context, data_dict)
    # To unpack a picture takes time and memory.
    rate_limits.check(user_id(context), what=rate_limits.PICTURES)
    content = pictures.content(data_dict[pictures.UPLOAD_FIELD])
    return {"token": kept_pictures.keep(content)}


@tk.side_effect_free
@tk.validate_action_data(lib_schema.token)
def digifarm_picture_kept(
    context: Context, data_dict: DataDict
) -> dict[str, str]:
    """A picture that is kept for a form.

    Everybody may who has its token.

    :param token: as :py:func:`digifarm_picture_keep` gave it
    :type token: string

    :returns: `mimetype`, and `content`: the picture in Base64
    :rtype: dictionary

    :raises ObjectNotFound: where it is kept no longer
    """
    tk.check_access("digifarm_picture_kept", context, data_dict)
    content = kept_pictures.content(data_dict["token"])
    if content is None:
        raise tk.ObjectNotFound(tk._("This picture is kept no longer"))
    return {
        "mimetype": pictures.mimetype(content),
        "content": base64.b64encode(content).decode(),
    }


@tk.validate_action_data(lib_schema.token)
def digifarm_picture_drop(context: Context, data_dict: DataDict) -> None:
    """Keep a picture of a form no longer.

    Everybody may who has its token.

    :param token: as :py:func:`digifarm_picture_keep` gave it
    :type token: string
    """
    tk.check_access("digifarm_picture_drop", context, data_dict)
    kept_pictures.drop(data_dict["token"])
    commit(context)
