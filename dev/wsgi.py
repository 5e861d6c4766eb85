"""The portal for a WSGI server; CKAN_INI names the configuration."""

from ckan.cli import load_config
from ckan.config.middleware import make_app

application = make_app(load_config())
