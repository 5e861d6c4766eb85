# Everything runs on a fresh Debian or Ubuntu with git, make and python3, as
# root or with sudo. What is missing is installed; all else that comes into
# being lies in .dev and .venv. The work is done by the package dev/.

# Another Python (3.10 or newer), another port, arguments for the tests:
#   make demo PYTHON=python3.12 PORT=8000
#   make test ARGS="-k links"
PYTHON = python3
PORT = 5000
ARGS =

.PHONY: help demo test bench core-tests lint docs stop clean

help: ## List these commands
	@sed -nE 's/^([a-z-]+):.*## (.*)/make \1\t\2/p' Makefile

demo: ## Serve a portal with demo content at http://127.0.0.1:5000
	@$(PYTHON) -B -m dev demo $(PORT)

test: ## Run all tests
	@$(PYTHON) -B -m dev test $(ARGS)

bench: ## Compare what pages cost in a small and a large portal
	@$(PYTHON) -B -m dev bench $(ARGS)

core-tests: ## Run CKAN's own tests with the extension
	@$(PYTHON) -B -m dev core-tests $(ARGS)

lint: ## Check style and types
	@$(PYTHON) -B -m dev lint

docs: ## Make docs/api.md of the docstrings
	@$(PYTHON) -B -m dev docs

stop: ## Stop all that runs for this checkout
	@$(PYTHON) -B -m dev stop

clean: ## Stop it, and remove all that was made here, data included
	@$(PYTHON) -B -m dev clean
