"""What Babel extracts, and where to; all else is in pyproject.toml."""

from setuptools import setup

DOMAIN = "ckanext-digifarm"
CATALOGUES = "ckanext/digifarm/i18n"
TEMPLATE = f"{CATALOGUES}/{DOMAIN}.pot"

setup(
    message_extractors={
        "ckanext": [
            ("**.py", "python", None),
            ("**.js", "javascript", None),
            ("**/templates/**.html", "ckan", None),
            ("**/templates/**.txt", "ckan", None),
        ],
    },
    options={
        "extract_messages": {
            "add_comments": "TRANSLATORS:",
            "add_location": "file",
            "header_comment": (
                f"# The words of {DOMAIN}, to be translated."
                " See docs/translation.md."
            ),
            "msgid_bugs_address": "https://www.stadt-muenster.de/digifarm",
            "output_file": TEMPLATE,
            "width": 80,
        },
        "init_catalog": {
            "domain": DOMAIN,
            "input_file": TEMPLATE,
            "output_dir": CATALOGUES,
        },
        "update_catalog": {
            "domain": DOMAIN,
            "input_file": TEMPLATE,
            "output_dir": CATALOGUES,
            "ignore_pot_creation_date": True,
            "previous": True,
            "width": 80,
        },
        "compile_catalog": {
            "domain": DOMAIN,
            "directory": CATALOGUES,
            "statistics": True,
        },
    },
)
