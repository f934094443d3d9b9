# make lab    set everything up and open JupyterLab on the example room
# make test   set everything up and run every test
# make quick  what a change is tried with in a minute: lint of what changed, unit, live, frontend
# make long   every test and what takes long: the lowest versions, Redis and Valkey both, soaks, long models
# make lint   the linters and type checkers alone
# make lowest the tests of the server with the lowest versions that pyproject.toml declares
# make bench  the benchmarks, beside two other servers
# make clean  remove what was built

SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(CURDIR)/$(VENV)/bin
export PATH := $(BIN):$(PATH)
ARGS ?=

FRONTEND := $(shell find labextension/src labextension/style labextension/schema -type f 2>/dev/null) \
  labextension/package.json labextension/builder.config.js labextension/tsconfig.build.json

.PHONY: help lab test quick long lint lowest bench setup clean

help:
	@sed -n 's/^# //p' Makefile

lab: setup
	.ci/lab $(ARGS)

test: setup
	.ci/system-packages
	.ci/test

quick: setup
	.ci/quick

long: setup
	.ci/system-packages
	.ci/test long
	.ci/lowest $(PYTHON)

lint: setup
	.ci/lint

lowest: setup
	.ci/lowest $(PYTHON)

bench: setup
	.ci/system-packages
	$(BIN)/python benchmarks/run.py $(ARGS)

setup: $(VENV)/.frontend

$(VENV)/.python: pyproject.toml .ci/install
	.ci/install $(PYTHON) $(VENV)
	touch $@

$(VENV)/.frontend: $(VENV)/.python $(FRONTEND) tools/engine.py
	cd labextension && jlpm install --immutable && jlpm build
	$(BIN)/python tools/engine.py
	.ci/link $(VENV)
	touch $@

clean:
	rm -rf $(VENV) dist build *.egg-info jupyter_plant_together/labextension jupyter_plant_together/rendering/engine/built
	rm -rf labextension/lib labextension/node_modules labextension/.yarn
