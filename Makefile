# Every target does its own set-up: Python 3.11 or newer and make are all a machine needs.
PYTHON ?= $(shell command -v python3.11 || command -v python3.12 || command -v python3.13 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt
export PIP_ROOT_USER_ACTION := ignore

.PHONY: run imagine test check lint types unit format stateful gate fuzz chaos soak load bench browser clean help

help:  ## this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*##/\t/' | sort

$(VENV)/.installed: pyproject.toml constraints.txt
	@test -n "$(PYTHON)" || { echo "Easel needs Python 3.11 or newer on the PATH."; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Easel needs Python 3.11 or newer; $(PYTHON) is older. Try: make PYTHON=python3.11"; exit 1; }
	@echo "Setting up $(VENV) (once; torch is the big part)…"
	@test -x $(BIN)/python || "$(PYTHON)" -m venv $(VENV)
	@$(INSTALL) torch==2.13.0
	@$(INSTALL) -e .
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed
	@$(INSTALL) -e '.[dev]'
# spandrel wants torchvision, of which PyPI has the build for CUDA alone: beside a torch for
# processors that cannot be imported, and transformers tries to. What draws larger does without.
	@$(INSTALL) --no-deps spandrel
	@touch $@

run: $(VENV)/.installed  ## start Easel: on Discord with a token, else in the sandbox on this machine
	@$(BIN)/easel run

imagine: export EASEL_PROMPT_LINE := $(value PROMPT)
imagine: $(VENV)/.installed  ## make a grid from the shell: make imagine PROMPT="a red lighthouse"
	@line="$$EASEL_PROMPT_LINE"; unset EASEL_PROMPT_LINE; $(BIN)/easel imagine "$$line"

test: $(VENV)/.installed-dev browser lint types  ## everything CI runs
	@$(BIN)/python -m pytest -n 2

check: $(VENV)/.installed-dev lint types unit  ## the fast subset: lint, types, unit tests

lint:
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/lint-imports --no-cache

types:
	@$(BIN)/pyright

unit:
	@$(BIN)/python -m pytest -n 2 -m "not slow" -q

format: $(VENV)/.installed-dev  ## put the code in order
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

# Chromium comes from Debian when we may install it; without it the browser tests skip and say so.
browser:
	@command -v chromium >/dev/null || { \
		if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
			echo "Installing Chromium for the browser tests…"; \
			apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium >/dev/null; \
		else echo "No chromium here: the browser tests will be skipped."; fi; } || true

stateful: $(VENV)/.installed-dev  ## 2,000 random lives of jobs, ledger and quotas; 200 races for ten pictures
	@EASEL_TEST_LIVES=2000 EASEL_TEST_STEPS=50 EASEL_TEST_ROUNDS=200 $(BIN)/python -m pytest -q \
		tests/storage/test_ledger_machine.py tests/storage/test_rules_contract.py

gate: $(VENV)/.installed-dev  ## every family and kind of picture, in company: the same as alone
	@EASEL_TEST_GATE=1 $(BIN)/python -m pytest -q tests/generation/gate

fuzz: $(VENV)/.installed-dev  ## a million lines of prompts, none of which may surprise the parser
	@EASEL_TEST_PROMPTS=$(or $(PROMPTS),1000000) $(BIN)/python -m pytest -q tests/core/test_any_prompt.py

KILLS ?= 200
JOBS ?= 200
RATE ?= 5
STEP_MS ?= 25
chaos: $(VENV)/.installed-dev  ## 200 kills of bot and worker under load, or KILLS=1000 JOBS=8000
	@$(BIN)/python -m tests.chaos.kill_loop --kills $(KILLS) --jobs $(JOBS) --rate $(RATE) --step-ms $(STEP_MS)

soak: $(VENV)/.installed-dev  ## 5,000 small jobs of three models, memory full fifty times; soak SOAK_JOBS=500
	@$(BIN)/python -m tests.generation.pipelines.soak --jobs $(or $(SOAK_JOBS),5000)

load: $(VENV)/.installed-dev  ## 50 interactions a second for a minute
	@$(BIN)/python -m tests.chaos.load

bench: $(VENV)/.installed-dev  ## the engine against bare pipelines, into docs/performance.md; FULL=1: at length
	@$(BIN)/python -m benchmarks.table $(if $(FULL),--full)

clean:
	@rm -rf $(VENV) build *.egg-info
