"""Where the metadata is: pyproject.toml; here only what Babel extracts."""

from setuptools import setup

setup(
    message_extractors={
        "ckanext": [
            ("**.py", "python", None),
            ("**.js", "javascript", None),
            ("**/templates/**.html", "ckan", None),
            ("**/templates/emails/**.txt", "ckan", None),
        ],
    },
)
