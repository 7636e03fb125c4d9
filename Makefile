# Everything runs in an environment of its own, .venv, made from pyproject.toml and constraints.txt.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt

.PHONY: help demo test test-long fuzz check format wheel bench bench-tui bench-inside bench-scale screenshots clean

help: ## Show what there is to make.
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

$(VENV)/.made: 
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "labbench needs Python 3.11 or newer: make PYTHON=python3.11 ..." >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.installed: $(VENV)/.made pyproject.toml constraints.txt $(wildcard native/*)
	@echo "installing labbench into $(VENV) (a few minutes the first time)"
	$(PIP_INSTALL) -e .
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed
	$(PIP_INSTALL) -e '.[dev]'
	@touch $@

demo: $(VENV)/.installed ## Install, then train and evaluate the demo preset on synthetic speech.
	$(BIN)/labbench run demo
	@echo "Look at it again: $(BIN)/labbench show last confusion" >&2

test: $(VENV)/.installed-dev ## Run every test but the long ones.
	$(BIN)/python -m pytest -n 4 --dist loadgroup

test-long: $(VENV)/.installed-dev ## Run the tests that take minutes, and those of training by torch's products alone.
	$(BIN)/python -m pytest -n 2 --dist loadgroup -m long
	LABBENCH_KERNELS=torch $(BIN)/python -m pytest -n 2 -q tests/training/test_engine_float32.py tests/worker/test_run.py
	LABBENCH_KERNELS=avx2 $(BIN)/python -m pytest -n 2 -q tests/training/test_engine_float32.py tests/training/test_engine.py

fuzz: $(VENV)/.installed-dev ## Read thousands of damaged files.
	LABBENCH_FUZZ=600 $(BIN)/python -m pytest -n 2 -m long tests/fuzz

check: $(VENV)/.installed-dev ## Format, lint, types and import contracts.
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/.installed-dev ## Format and mend what can be mended.
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(VENV)/.installed-dev ## Measure training throughput against plain PyTorch.
	$(BIN)/python benchmarks/train_throughput.py

bench-tui: $(VENV)/.installed-dev ## Measure the app on a terminal: start, long and many runs, a live one.
	$(BIN)/python -m benchmarks.tui

bench-inside: $(VENV)/.installed-dev ## Measure the inside of a net: kept answers, the analyst, keys meanwhile.
	$(BIN)/python -m benchmarks.inside

bench-scale: $(VENV)/.installed-dev ## Measure many runs, long runs, many clips and long watching.
	$(BIN)/python -m benchmarks.scale

wheel: $(VENV)/.installed ## Build the wheel; on Linux for any distribution (manylinux).
	$(PIP_INSTALL) -e '.[release]'
	$(BIN)/python -m pip wheel --quiet --no-deps --wheel-dir build/wheel .
	@mkdir -p dist
	if [ -x $(BIN)/auditwheel ]; then PATH="$(abspath $(BIN)):$$PATH" auditwheel repair -w dist build/wheel/*.whl; \
	  else mv build/wheel/*.whl dist; fi
	rm -r build/wheel

screenshots: $(VENV)/.installed-dev ## Take the pictures of screens that the README shows.
	$(BIN)/python -m docs.make_screenshots

clean: ## Remove the environment and caches.
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache dist build
