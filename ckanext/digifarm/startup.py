"""Checks at start-up: what is wrong with the configuration stops it."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Iterator
from importlib import resources

import ckantoolkit as tk
import click
import yaml

from ckanext.scheming.helpers import scheming_get_dataset_schema

from . import config as app_config
from .lib import retired, tables
from .lib.ckan import (
    CKANApp,
    CKANConfig,
    CkanConfigurationException,
    Declaration,
    clear_validators_cache,
)
from .lib.schema_files import SchemaFileError
from .partners import fields as partner_fields
from .projects import about, fields, schema_check

log = logging.getLogger(__name__)

PLUGINS_LINE = "ckan.plugins = … digifarm scheming_datasets"
SCHEMAS_LINE = (
    "scheming.dataset_schemas = …"
    f" ckanext.digifarm:{app_config.PROJECT_TYPE}.yaml"
)

PARTNERS_LINE = (
    "ckanext.digifarm.partner_schema = ckanext.digifarm:partner.yaml"
)

#: The commands that answer requests or do jobs; all others work without
#: tables, those that make them above all.
SERVING = (["run"], ["jobs", "worker"])

LIMITS_LINE = "ckanext.digifarm.limits.address = 20 per hour; 100 per day"

PHONE_LINE = "ckanext.digifarm.contact_phone = +49 251 0000000"

COOKIES_LINE = "ckan.auth.enable_cookie_auth_in_api = false"

#: A number as people write it: digits, with what stands between them.
PHONE = re.compile(r"\+?[\d(][\d\s()/.–-]{3,38}\d", re.ASCII)

#: Each of them reads the schema of the type dataset.
DCAT_PLUGINS = {"dcat", "structured_data", "croissant"}
DCAT_LINE = (
    "scheming.dataset_schemas = (the schema of your datasets)"
    f" ckanext.digifarm:{app_config.PROJECT_TYPE}.yaml"
)


def declare_options(declaration: Declaration) -> None:
    """Declare the options of this extension.

    And look at the schema files: scheming reads them next, and says of one
    that it can't read neither which it is nor why.

    :raises CkanConfigurationException: with what is wrong with which of them
    """
    _stop_for([*schema_check.unreadable()])
    path = resources.files("ckanext.digifarm") / "config_declaration.yaml"
    declaration.load_dict(yaml.safe_load(path.read_text(encoding="utf-8")))


def keep_templates(app: CKANApp) -> None:
    """Let all templates stay compiled that a portal has shown once.

    Jinja keeps 400 by default. Those of CKAN and ours are more, and what was
    dropped is compiled again while somebody waits for their page.
    """
    app.jinja_env.cache = {}


def check(config: CKANConfig) -> None:
    """Stop a portal that is set up in a way that can't work.

    :raises CkanConfigurationException: with the line to write
    """
    plugins = tk.aslist(config["ckan.plugins"])
    if "scheming_datasets" not in plugins:
        _stop("needs the plugin scheming_datasets", PLUGINS_LINE)
    if plugins.index("scheming_datasets") < plugins.index("digifarm"):
        _stop(
            "must stand before scheming_datasets in ckan.plugins, or its"
            " pages are not used",
            PLUGINS_LINE,
        )
    if fields.schema() is None:
        _stop(
            f"finds no schema for the dataset type {app_config.PROJECT_TYPE}",
            SCHEMAS_LINE,
        )
    _check_files()
    _check_limits()
    _check_phone()
    for sentence in advice(config):
        log.warning("digifarm: %s", sentence)
    # As CKAN has it; only the operator knows what needs it.
    if config["ckan.auth.enable_cookie_auth_in_api"]:
        log.warning(
            "digifarm: CKAN's API takes the cookies of who is logged in, and"
            " no CSRF token: other pages below your domain could act in their"
            " name. Where nothing needs it, write: %s",
            COOKIES_LINE,
        )


def advice(config: CKANConfig) -> Iterator[str]:
    """What is wrong with a configuration, though the portal starts."""
    plugins = set(tk.aslist(config["ckan.plugins"]))
    if (
        DCAT_PLUGINS & plugins
        and scheming_get_dataset_schema("dataset") is None
    ):
        yield (
            "ckanext-dcat fails beside scheming where the type dataset has no"
            f" schema. Write: {DCAT_LINE}"
        )
    if not config["ckan.auth.allow_dataset_collaborators"]:
        yield (
            "project owners can't edit their entries, because"
            " ckan.auth.allow_dataset_collaborators is off. Write:"
            " ckan.auth.allow_dataset_collaborators = true"
        )
    yield from about.problems()


def check_tables(config: CKANConfig) -> None:
    """Stop a web server or worker that would find no tables, or old ones.

    :raises CkanConfigurationException: with the line to type
    """
    # CKAN's own tests make the portal first and the tables later.
    if config["testing"] or not _serves():
        return
    if problem := tables.problem():
        raise CkanConfigurationException(problem)
    if retired.are_any():
        log.warning("digifarm: %s", retired.WHY)


def _serves() -> bool:
    """Whether this process is about to answer requests or to do jobs.

    CKAN makes the whole portal before it looks at the command, and so asks
    the command line.
    """
    context = click.get_current_context(silent=True)
    if context is None:
        # It is a WSGI server.
        return True
    root = context.find_root()
    parser = root.command.make_parser(root)
    # Somebody else's program may have called the command.
    parser.ignore_unknown_options = True
    _, words, _ = parser.parse_args(sys.argv[1:])
    return any(words[: len(command)] == command for command in SERVING)


def _check_files() -> None:
    """Stop where a file with fields and words would not work."""
    # Core keeps those from before all plugins were there, until later.
    clear_validators_cache()
    try:
        mistakes = [*schema_check.problems(), *partner_fields.problems()]
    except SchemaFileError as e:
        _stop(f"can't read its partner schema ({e})", PARTNERS_LINE)
    else:
        _stop_for(mistakes)


def _stop_for(mistakes: list[str]) -> None:
    if mistakes:
        raise CkanConfigurationException(
            "The plugin digifarm finds mistakes in these files:\n"
            + "\n".join(mistakes)
        )


def _check_limits() -> None:
    try:
        app_config.limits_address()
        app_config.limits_email()
    except ValueError as e:
        _stop(f"can't read its limits ({e})", LIMITS_LINE)


def _check_phone() -> None:
    number = app_config.contact_phone()
    if number and not PHONE.fullmatch(number):
        _stop(f"can't read its telephone number ({number})", PHONE_LINE)


def _stop(what: str, line: str) -> None:
    raise CkanConfigurationException(
        f"The plugin digifarm {what}. Write in the configuration file: {line}"
    )
