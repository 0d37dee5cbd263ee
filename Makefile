# Two promises: `make demo` shows what this is, `make test` proves it. Both set up what they need
# in .venv, from nothing but Python 3.11+, make and git.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# One more than there are processors: many tests wait for a process.
WORKERS ?= $(shell expr `getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2` + 1)

.PHONY: help demo test lint types unit example example-phases generated own wheel browser e2e knobs screenshots generate calibrate bench site lock clean
.DEFAULT_GOAL := help

help:  ## Show this list
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# A virtual environment needs the venv module with pip, which Debian packages apart.
$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "prp-pack needs Python 3.11 or newer: make $(MAKECMDGOALS) PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -m venv $(VENV) \
	  || { rm -rf $(VENV); echo "python3 can't make a virtual environment: apt install python3-venv"; exit 1; }

$(VENV)/.core: requirements/core.lock pyproject.toml | $(BIN)/python
	@echo "setting up $(VENV) (core)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements/core.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -e .
	@touch $@

$(VENV)/.dev: requirements/dev.lock pyproject.toml $(VENV)/.core
	@echo "setting up $(VENV) (tests)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements/dev.lock
	@touch $@

demo: $(VENV)/.core  ## Show the main job on the embedded example
	@$(BIN)/python examples/demo.py

test: lint types unit example generated own wheel browser e2e  ## Everything that CI runs
	@echo "make test: all passed"

lint: $(VENV)/.dev  ## ruff and import-linter
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-logo

types: $(VENV)/.dev  ## mypy, strict
	$(BIN)/mypy

unit: $(VENV)/.dev  ## Unit and corpus tests, with branch coverage
	$(BIN)/python -m pytest -n $(WORKERS) --ignore=tests/e2e --ignore=tests/mermaid --ignore=tests/test_wheel.py \
	  --ignore=tests/report/browser \
	  --cov --cov-report=term:skip-covered
	$(BIN)/coverage report --include='*/prp_pack/check/*,*/prp_pack/schema/*,*/prp_pack/parse/*,*/prp_pack/gate/*,*/prp_pack/evidence/*' \
	  --fail-under=95 --format=total

example: $(VENV)/.dev  ## The example service's own tests
	cd examples/parcel-tracker && PYTHONPATH=src ../../$(BIN)/python -m pytest -q

example-phases: $(VENV)/.dev  ## Build a service in three phases from nothing, each proven; minutes (FOLDER=… keeps it)
	@$(BIN)/python examples/three-phases/build.py $(FOLDER)

generated: $(VENV)/.dev  ## Generated files are what their sources give now
	$(BIN)/python tools/generate.py --check

own: $(VENV)/.dev  ## This project's own PRPs/ and the example's check clean
	$(BIN)/prp check PRPs
	$(BIN)/prp check examples/parcel-tracker/PRPs

wheel: $(VENV)/.dev  ## Build wheel and sdist, install them into an empty environment, use them
	$(BIN)/python -m pytest tests/test_wheel.py

browser: $(VENV)/.dev  ## The report's page in a real browser; skipped without Chromium (apt install chromium)
	$(BIN)/python -m pytest tests/report/browser -rs

e2e: $(VENV)/.dev  ## The real Claude Code client against a scripted model, and Mermaid's parser
	$(BIN)/python -m pytest -n $(WORKERS) tests/e2e tests/mermaid -rs

knobs: $(VENV)/.dev  ## Every script on every defect of the test services; a quarter of an hour
	PRP_KNOBS=all $(BIN)/python -m pytest tests/probes/test_knobs.py -n 2

screenshots: $(VENV)/.dev  ## Write docs/images (developers; needs Chromium)
	$(BIN)/python -m tools.screenshots

generate: $(VENV)/.dev  ## Write the generated files
	$(BIN)/python tools/generate.py

calibrate: $(VENV)/.dev  ## Write docs/calibration.md from real documents: make calibrate CORPUS=folder
	$(BIN)/python tools/calibrate.py $(CORPUS)

bench: $(VENV)/.dev  ## Measure the budgets of docs/performance.md; minutes (BENCH=--quick: one)
	@$(BIN)/python bench/run.py $(BENCH)

site: $(VENV)/.dev  ## Build the docs site into site/
	$(BIN)/python -m mkdocs build --strict

lock:  ## Pin the newest versions (developers; needs uv)
	uv pip compile --universal --python-version 3.11 --no-header -q -o requirements/core.lock pyproject.toml
	uv pip compile --universal --python-version 3.11 --no-header -q --group dev -o requirements/dev.lock pyproject.toml

clean:  ## Remove what the other targets made
	rm -rf $(VENV) dist build site .coverage* .mypy_cache .ruff_cache .pytest_cache .hypothesis
