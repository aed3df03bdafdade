# Each target does its own set-up from a bare Python 3.11. TAWSIM_ARTICLES, where set, names the folder of the withheld articles.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet --constraint configs/constraints.txt

.PHONY: demo test check bench clean

# Annotations to dataset, datasheet and two scored models; ends on a table and the paths to open.
demo: $(VENV)/.demo
	@echo "== validate: every finding about the annotations"
	@$(BIN)/tawsim validate
	@echo; echo "== build: annotations to a dataset folder"
	@$(BIN)/tawsim build
	@echo; echo "== datasheet: computed answers agree with the annotations"
	@$(BIN)/tawsim datasheet --check
	@echo; echo "== score: longest match of training mentions"
	@$(BIN)/tawsim score baseline:gazetteer
	@echo; echo "== score: a conditional random field trained on the train split"
	@$(BIN)/tawsim score baseline:crf
	@echo; echo "Open:"
	@ls -1 build/README.md DATASHEET.md results/*/report.html

# The tests. Those that need the articles or a Label Studio skip with a plain reason where there is none.
test: $(VENV)/.dev
	$(BIN)/pytest --numprocesses 2 --dist loadgroup

# Everything that main must pass: format, lint, types, tests.
check: $(VENV)/.dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/tawsim validate
	$(BIN)/tawsim datasheet --check
	$(MAKE) test

# Our time beside that of the libraries that do the same, as ratios within one run.
bench: $(VENV)/.dev
	$(BIN)/python -m benchmarks

clean:
	rm -rf $(VENV) build results .tawsim

$(BIN)/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or later is needed; set PYTHON=")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.demo: $(BIN)/python pyproject.toml configs/constraints.txt
	@echo "installing into $(VENV); this takes about a minute the first time"
	@$(PIP) --editable '.[crf]'
	@touch $@

$(VENV)/.dev: $(BIN)/python pyproject.toml configs/constraints.txt
	$(PIP) --editable '.[crf,dev]'
	@touch $@ $(VENV)/.demo
