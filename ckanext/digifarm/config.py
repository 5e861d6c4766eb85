"""The options of this extension, a typed reader each.

Their defaults stand in config_declaration.yaml.
"""

from __future__ import annotations

import ckantoolkit as tk
from limits import RateLimitItem, parse_many

#: The type of the packages that are civic projects.
PROJECT_TYPE = "civic_project"

#: For how many days after the reminder a task still waits for its taker.
TASK_GRACE_DAYS = 7


def default_language() -> str:
    """The portal's own language."""
    return tk.config["ckan.locale_default"]


def show_in_navigation() -> bool:
    """Whether the main navigation leads to the projects."""
    return tk.config["ckanext.digifarm.show_in_navigation"]


def show_propose_in_navigation() -> bool:
    """Whether the main navigation leads to the form for proposals."""
    return tk.config["ckanext.digifarm.show_propose_in_navigation"]


def show_on_home() -> bool:
    """Whether the home page shows projects that look for help."""
    return tk.config["ckanext.digifarm.show_on_home"]


def about_file() -> str | None:
    """Path of the city's own text about civic projects, with `{lang}`."""
    return tk.config["ckanext.digifarm.about_file"]


def contact_email() -> str | None:
    """Address of the city's team for civic projects."""
    return tk.config["ckanext.digifarm.contact_email"]


def contact_phone() -> str | None:
    """Telephone number of the city's team for civic projects."""
    return tk.config["ckanext.digifarm.contact_phone"]


def partner_schema() -> str:
    """The file with words and choices of partners, as `module:file`."""
    return tk.config["ckanext.digifarm.partner_schema"]


def review_organization() -> str | None:
    """Name or id of the organisation of the city’s reviewers."""
    return tk.config["ckanext.digifarm.review_organization"]


def token_days() -> int:
    """For how many days a link in a mail can be used."""
    return tk.config["ckanext.digifarm.token_days"]


def retention_days() -> int:
    """How many days contacts are kept that are needed no longer."""
    return tk.config["ckanext.digifarm.retention_days"]


def task_days() -> int:
    """After how many days whoever has taken a task is reminded of it."""
    return tk.config["ckanext.digifarm.tasks.days"]


def confirmation_months() -> int:
    """After how many months something is confirmed anew; 0 for never."""
    return tk.config["ckanext.digifarm.confirmations.months"]


def confirmations_per_day() -> int:
    """Of each kind, about how many things people are asked in a day."""
    return tk.config["ckanext.digifarm.confirmations.per_day"]


def mail_attempts() -> int:
    """How often a mail is tried before it is given up."""
    return tk.config["ckanext.digifarm.mail.attempts"]


def limits_address() -> list[RateLimitItem]:
    """How often somebody can send forms, by account or network address."""
    return parse_many(tk.config["ckanext.digifarm.limits.address"])


def limits_email() -> list[RateLimitItem]:
    """How many mails a mailbox gets that others let be sent there."""
    return parse_many(tk.config["ckanext.digifarm.limits.email"])


def trusted_proxies() -> int:
    """How many proxies add an address to `X-Forwarded-For`."""
    return tk.config["ckanext.digifarm.trusted_proxies"]


def upkeep_enabled() -> bool:
    """Whether the portal looks whether addresses answer."""
    return tk.config["ckanext.digifarm.upkeep.enabled"]


def upkeep_proxy() -> str:
    """The address of a proxy that is asked for them, or ""."""
    return tk.config["ckanext.digifarm.upkeep.proxy"] or ""


def licenses_also_open() -> list[str]:
    """SPDX ids that count as open without approval by the OSI."""
    return tk.config["ckanext.digifarm.licenses.also_open"]


def picture_storage() -> str:
    """Name of the storage that keeps the pictures of projects."""
    return tk.config["ckan.files.default_storages.civic_project"]


def picture_mimetypes() -> list[str]:
    """MIME types that a project's picture may have."""
    return tk.config["ckan.upload.civic_project.mimetypes"]
