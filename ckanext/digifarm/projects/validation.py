"""Asks the validators of a project what they make of it; writes nothing."""

from __future__ import annotations

from typing import Any

import ckantoolkit as tk

from ..config import PROJECT_TYPE
from ..lib.ckan import Context, lookup_package_plugin, model, plugin_validate


def validated(
    package: dict[str, Any],
    project: model.Package | None,
    context: Context,
) -> dict[str, Any]:
    """What the validators make of a package.

    :param project: the one that is changed; None where one is created
    :raises ValidationError: where they refuse it
    """
    plugin = lookup_package_plugin(PROJECT_TYPE)
    context = tk.fresh_context(context)
    if project:
        context["package"] = project
        schema, action = plugin.update_package_schema(), "package_update"
    else:
        schema, action = plugin.create_package_schema(), "package_create"
    result, errors = plugin_validate(plugin, context, package, schema, action)
    if errors:
        raise tk.ValidationError(errors)
    return result
