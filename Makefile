# Everything a newcomer needs, each target alone from a fresh clone. `make` lists them.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PORT ?= 8765
OUT ?= results/compare
FROM ?= 2021-01
EXPERIMENT ?= unit-types
QUIETLY := -qq
# Files of tests are shared out among so many processes, whole: JOBS=0 runs all in one, one after the other.
JOBS ?= 2
PYTEST = $(BIN)/python -m pytest -n $(JOBS) --dist loadfile
QUICK := not nightly and not slow and not statistical and not browser

export SOLARA_TELEMETRY_MIXPANEL_ENABLE := false
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.NOTPARALLEL:
.DELETE_ON_ERROR:
.SUFFIXES:
.PHONY: help install compare run batch serve calibrate forecast check validation test test-bounds test-matrix lint format bench docs site \
	mechanisms docs-check clean

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

# One stamp for each set of extras: the second time, nothing is asked of pip.
$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else 1)' || \
		{ echo "make: $(PYTHON) must be Python 3.11 or later; name another with PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || \
		{ rm -rf $(VENV); echo "make: $(PYTHON) cannot create environments (on Debian: apt-get install python3-venv)" >&2; exit 1; }

$(VENV)/.installed: pyproject.toml | $(BIN)/python
	@echo "Installing the model into $(VENV) (some minutes the first time)"
	@$(BIN)/python -m pip install $(QUIETLY) --editable .
	@touch $@

$(VENV)/.installed-%: pyproject.toml | $(BIN)/python
	@echo "Installing the model and what '$*' needs into $(VENV) (some minutes the first time)"
	@$(BIN)/python -m pip install $(QUIETLY) --editable '.[$*]'
	@touch $@ $(VENV)/.installed

install: $(VENV)/.installed-dev ## create .venv with the model and all that contributors need

compare: $(VENV)/.installed ## extra bases, accountability, strategy, with and without; writes results/compare
	$(BIN)/sector-centre compare --out $(OUT)

run: $(VENV)/.installed ## one run of the embedded default scenario
	$(BIN)/sector-centre run

batch: $(VENV)/.installed-analysis ## run, check, study and brief one experiment; EXPERIMENT=unit-types (10 minutes) or another
	$(BIN)/sector-centre batch $(EXPERIMENT) --out results/$(EXPERIMENT)
	$(BIN)/sector-centre verify results/$(EXPERIMENT)
	$(BIN)/sector-centre analyse results/$(EXPERIMENT)
	$(BIN)/sector-centre brief results/$(EXPERIMENT)

calibrate: $(VENV)/.installed-calibration ## fit the model to the embedded record, and embed the result (an hour and a half)
	$(BIN)/sector-centre calibrate --out results/calibration --install

forecast: $(VENV)/.installed-calibration ## the twelve months after the record (two minutes); FROM=2020-07 for others
	$(BIN)/sector-centre forecast --from $(FROM) --out results/forecast-$(FROM).parquet

check: $(VENV)/.installed-calibration ## how far to trust the calibration: one report (half an hour)
	$(BIN)/sector-centre check --out results/check

validation: check ## the same, and write docs/validation.md from it
	cp results/check/validation.md docs/validation.md

serve: $(VENV)/.installed-serve ## the page in a browser, on this machine only (PORT=8765)
	$(BIN)/sector-centre serve --port $(PORT)

test: $(VENV)/.installed-test ## all tests but the nightly ones, in two processes (JOBS=2)
	$(PYTEST)

test-bounds: $(VENV)/.installed-test ## the engine's quick tests with every array index checked
	NUMBA_BOUNDSCHECK=1 $(PYTEST) $(or $(wildcard tests/abm),tests) -m "$(QUICK)"

# PATH's pythons first, then pyenv's; a shim for a version that is not switched on does not run and is passed over.
test-matrix: ## the tests on each Python found (3.11, 3.12, 3.13), and with Mesa 3.3.1 on 3.12
	@results=; failed=; \
	try() { if $(MAKE) --no-print-directory test VENV="$$1" PYTHON="$$2"; then results="$$results\n  passed   $$3"; \
		else results="$$results\n  FAILED   $$3"; failed=yes; fi; }; \
	for version in 3.11 3.12 3.13; do \
		python=; \
		for candidate in "$$(command -v python$$version)" "$${PYENV_ROOT:-$$HOME/.pyenv}"/versions/$$version*/bin/python; do \
			if "$$candidate" -c '' 2>/dev/null; then python="$$candidate"; break; fi; \
		done; \
		if [ -z "$$python" ]; then results="$$results\n  no such  Python $$version"; continue; fi; \
		try ".venv-$$version" "$$python" "Python $$version"; \
		if [ $$version = 3.12 ]; then \
			venv=.venv-3.12-mesa-3.3.1; \
			$(MAKE) --no-print-directory $$venv/.installed-test VENV=$$venv PYTHON="$$python" && \
			$$venv/bin/python -m pip install $(QUIETLY) mesa==3.3.1; \
			try $$venv "$$python" "Python 3.12 with Mesa 3.3.1"; \
		fi; \
	done; \
	printf "$$results\n"; [ -z "$$failed" ]

lint: $(VENV)/.installed-dev ## ruff (rules and format) and mypy
	@failed=; for tool in "ruff check" "ruff format --check" mypy; do \
		echo "$$tool"; $(BIN)/$$tool || failed=yes; \
	done; [ -z "$$failed" ]

format: $(VENV)/.installed-dev ## let ruff format and mend what it safely can
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

bench: $(VENV)/.installed-test ## benchmarks
	$(BIN)/python -m pytest tests/benchmarks --benchmark-only -m nightly -s

site: $(VENV)/.installed-docs ## the documents as a site, in build/site
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet

docs: $(VENV)/.installed ## write docs/parameters.md from the parameters in the code
	$(BIN)/python -m abm.parameters_page docs/parameters.md

mechanisms: $(VENV)/.installed ## measure every mechanism and write docs/mechanisms.md (some minutes)
	$(BIN)/python -m runs.mechanisms docs/mechanisms.md

docs-check: $(VENV)/.installed ## fail when docs/parameters.md is not what the code says
	$(BIN)/python -m abm.parameters_page docs/parameters.md --check

clean: ## remove environments, caches and builds (never results/)
	rm -rf .venv .venv-3.* build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .benchmarks .coverage
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
