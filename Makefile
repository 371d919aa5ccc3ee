# Backhaul: `make run` starts it, `make test` checks it. Both need only Python 3.11 or newer and make.

.DEFAULT_GOAL := help
.PHONY: help run test install install-dev check test-slow bench clean

# Where this is set in the environment, each of the many processes compiles all its sources again.
export PYTHONDONTWRITEBYTECODE :=

VENV := .venv
STAMP := $(VENV)/.stamp
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install
# One place holds the version: pyproject.toml.
TORCH := $(shell sed -n 's/.*"\(torch==[^"]*\)".*/\1/p' pyproject.toml)
# On Linux without a GPU, TORCH_INDEX=https://download.pytorch.org/whl/cpu spares two gigabytes.
TORCH_INDEX ?=

ifeq ($(origin PYTHON),undefined)
PYTHON := $(shell for candidate in python3 python3.13 python3.12 python3.11 python; do \
	"$$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& { echo "$$candidate"; break; }; done)
endif

help:
	@echo "make run        install, then start Backhaul on http://127.0.0.1:8000 with a demo distributor"
	@echo "make test       install, lint, types, contracts and every test, each part within its time budget"
	@echo "make check      lint, types and import contracts only"
	@echo "make test-slow  the tests kept out of the time budget"
	@echo "make bench      speed and memory, as ratios within one run"
	@echo "make install    the environment of make run, in $(VENV)"
	@echo "make clean      remove caches; data in var/ and the environment in $(VENV) stay"
	@echo
	@echo "PYTHON=/path/to/python3 chooses the interpreter; TORCH_INDEX=URL another source for $(TORCH)."

run:
	@began=$$(date +%s); \
	$(MAKE) --no-print-directory install && \
	BACKHAUL_INSTALL_SECONDS=$$(( $$(date +%s) - began )) exec $(BIN)/backhaul up

test: require-python
	@$(PYTHON) .ci/budget.py install static sqlite postgres policy browser evals

check: install-dev
	@$(BIN)/python .ci/budget.py static

test-slow: install-dev
	@$(BIN)/python .ci/budget.py slow

bench: install-dev
	@$(BIN)/python -m evals.bench

install: $(STAMP)/run

install-dev: $(STAMP)/dev

.PHONY: require-python
require-python:
ifeq ($(PYTHON),)
	@echo "Backhaul needs Python 3.11 or newer, and found: $$(python3 --version 2>&1 | head -n 1)." >&2
	@echo "Install one (with its venv module), or name it: make PYTHON=/path/to/python3.12 run" >&2
	@exit 1
else
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	echo "Backhaul needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) --version 2>&1 | head -n 1)." >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info >= (3, 14))' || \
	echo "Note: constraints.txt was resolved for Python 3.11 to 3.13; $$($(PYTHON) --version 2>&1) is untried." >&2
endif

# Each step leaves a stamp, so that the second time nothing is asked of the network.
$(STAMP)/python: | require-python
	@echo "--> environment in $(VENV), from $$($(PYTHON) --version 2>&1)"
	@$(BIN)/python -c '' 2>/dev/null || $(PYTHON) -m venv --clear $(VENV) || { \
	echo "Could not make $(VENV). On Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	@mkdir -p $(STAMP) && touch $@

# First and alone: resolved together with the rest, pip may pick another build of it.
$(STAMP)/$(TORCH): $(STAMP)/python
	@echo "--> $(TORCH): the largest download, wait for it once"
	@$(PIP) $(if $(TORCH_INDEX),--index-url $(TORCH_INDEX)) '$(TORCH)'
	@touch $@

$(STAMP)/run: $(STAMP)/$(TORCH) pyproject.toml constraints.txt
	@echo "--> Backhaul and what it runs on"
	@$(PIP) --constraint constraints.txt --editable .
	@touch $@

$(STAMP)/dev: $(STAMP)/run
	@echo "--> what the tests need"
	@$(PIP) --constraint constraints.txt --editable '.[dev,evals]'
	@touch $@

clean:
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build dist
	find agent tools policies web evals backhaul tests .ci -name __pycache__ -type d -prune -exec rm -rf {} +
