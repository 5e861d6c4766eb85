"""The local portal: `make demo`, `make test` and the like.

Runs on the standard library alone, because it starts before anything is
installed. Everything it creates lies in .venv and .dev of the checkout.
"""
