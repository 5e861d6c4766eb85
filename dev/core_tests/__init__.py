"""CKAN's own tests, with digifarm: `make core-tests`.

pytest runs them with two plugins of ours, `session` and `with_digifarm`; only
these import CKAN.
"""
