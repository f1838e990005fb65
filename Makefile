# Everything is set up inside this checkout; nothing outside it is written.
export PIP_CACHE_DIR := $(CURDIR)/.cache/pip
export UV_CACHE_DIR := $(CURDIR)/.cache/uv
export UV_PYTHON_INSTALL_DIR := $(CURDIR)/.cache/python
export MPLCONFIGDIR := $(CURDIR)/.cache/matplotlib
PYTHON ?= python3
BIN := .venv/bin
BAKE := $(BIN)/cookiecutter . --no-input --config-file build/cookiecutter.yaml

MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help
.PHONY: help demo test test-fast test-all lint docs bench record release clean

help:  ## say what there is
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: export TMPDIR := $(CURDIR)/.cache/tmp
demo: .cache/tmp $(BIN)/cookiecutter build/cookiecutter.yaml  ## generate the default project into build/, install it, run it
	rm -rf build/us-wage-analysis
	$(BAKE) --output-dir build
	$(MAKE) -C build/us-wage-analysis run

test: $(BIN)/.dev  ## all tests but the long ones; generates projects, installs them and runs their own tests
	$(BIN)/pytest -n 2 --dist loadfile -m "not long"

test-fast: $(BIN)/.dev  ## the tests that install nothing
	$(BIN)/pytest -n 2 --dist loadfile -m "not slow"

test-all: $(BIN)/.dev  ## every test, also the long ones; a browser and git-lfs are needed
	$(BIN)/pytest -n 2 --dist loadfile

lint: $(BIN)/.dev  ## format, lint and types of the template's own code
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

docs: $(BIN)/.dev  ## the documentation, into build/docs
	$(BIN)/sphinx-build --quiet --fail-on-warning --keep-going --builder html docs build/docs
	@echo "Documentation: $(CURDIR)/build/docs/index.html"

bench: $(BIN)/cookiecutter build/cookiecutter.yaml  ## measure generated projects against what they replace (OLD=/an/installed/project)
	rm -rf build/bench
	$(BAKE) --output-dir build/bench
	$(MAKE) -C build/bench/us-wage-analysis setup run
	$(BAKE) --output-dir build/bench example=digits-classification
	$(MAKE) -C build/bench/digits-classification setup run
	@status=0; \
	$(BIN)/python benchmarks/bench.py build/bench/us-wage-analysis $(OLD) || status=1; \
	$(BIN)/python benchmarks/digits.py build/bench/digits-classification || status=1; \
	exit $$status

record: $(BIN)/.dev  ## run the commands of the README's picture again, into .github/terminal.svg
	$(BIN)/python tools/record.py .github/terminal.svg

release:  ## whether this commit can be released, and how (TAG=yes: with its tag)
	@$(PYTHON) tools/release.py TAG=$(TAG)

clean:  ## remove environment, caches and what was generated
	rm -rf .venv .cache build .mypy_cache .pytest_cache .ruff_cache

.cache/tmp:
	@mkdir -p $@

build/cookiecutter.yaml:
	@mkdir -p build
	@printf 'cookiecutters_dir: build/.cookiecutters\nreplay_dir: build/.replay\n' > $@

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
	{ echo "This needs Python 3.11 or later and found $$($(PYTHON) --version 2>&1): name another with make PYTHON=/path/to/python" >&2; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --upgrade pip

$(BIN)/cookiecutter: $(BIN)/python
	$(BIN)/python -m pip install --quiet 'cookiecutter>=2.6'

$(BIN)/.dev: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --group dev
	@touch $@
