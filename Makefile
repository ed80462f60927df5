# Marble Console. `make` alone says what there is to make; everything else makes .venv first when it is missing or stale.

VENV ?= .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.made
# Tests run on as many processes as there are cores; `make test WORKERS=0` runs them in one, for a debugger.
WORKERS ?= auto
OTHER ?=

.DEFAULT_GOAL := help
.PHONY: help run coordinator test quick lint format prove bench screenshots bundle lock setup-system clean

help: ## say what there is to make
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' Makefile

run: $(STAMP) ## open the console on a local coordinator
	@PYTHONPATH=gui $(BIN)/python tools/doctor.py window
	@$(BIN)/marble-console --local

coordinator: $(STAMP) ## run a coordinator alone, in the foreground
	@$(BIN)/marble-coordinator

test: $(STAMP) ## run the whole suite and check that coverage did not fall
	@PYTHONPATH=gui $(BIN)/python tools/doctor.py tests
	$(BIN)/pytest -n $(WORKERS) --cov --cov-report=term
	@$(BIN)/python tools/ratchet.py

quick: $(STAMP) ## run the tests of the core alone, in some twenty seconds
	$(BIN)/pytest -q -n $(WORKERS) tests/core

lint: $(STAMP) ## check style, types, the arrows between packages, and the lock
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/mypy tools bench packaging
	$(BIN)/lint-imports
	$(BIN)/python tools/lock.py check
	$(BIN)/python tools/ratchet.py --history

format: $(STAMP) ## let ruff format and fix what it can
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

prove: $(STAMP) ## run the suite with the long proofs (minutes to an hour)
	@PYTHONPATH=gui $(BIN)/python tools/doctor.py tests
	$(BIN)/pytest -n $(WORKERS) --prove

bench: $(STAMP) ## measure; OTHER="command" puts another coordinator beside ours
	@PYTHONPATH=gui $(BIN)/python tools/doctor.py tests
	$(BIN)/python -m bench --other "$(OTHER)"

screenshots: $(STAMP) ## draw every page and state into docs/images
	@PYTHONPATH=gui $(BIN)/python tools/doctor.py tests
	$(BIN)/python tools/screenshots.py

bundle: $(STAMP) ## build dist/marble-console, a folder that needs no Python, and try it out
	@PYTHONPATH=gui $(BIN)/python tools/doctor.py bundle
	$(BIN)/python packaging/bundle.py

lock: $(STAMP) ## resolve requirements.lock anew from pyproject.toml
	$(BIN)/python tools/lock.py update

setup-system: $(STAMP) ## install the system libraries for every kind of display (Debian, Ubuntu)
	@PYTHONPATH=gui $(BIN)/python tools/doctor.py system

clean: ## remove what was made, but neither .venv nor your data
	rm -rf build dist htmlcov .coverage .coverage.* .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find backend gui tests tools bench packaging -name __pycache__ -type d -prune -exec rm -rf {} +

$(STAMP): requirements.lock pyproject.toml tools/make-venv
	@tools/make-venv $(VENV)
	@touch $@
