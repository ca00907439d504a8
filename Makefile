# The commands a contributor needs. Each builds .venv first if it has to; none touches the system.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help test test-containers check check-oldest fix demo prove clean

BIN := .venv/bin
SERVERS := integration/etcd integration/consul
CLI := .venv/.installed-cli
DEV := .venv/.installed-dev
export PYTHON
unexport PYTHONDONTWRITEBYTECODE  # else each of a thousand children compiles anew what it imports

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "make %-15s %s\n", $$1, $$2}' Makefile

$(CLI): pyproject.toml .ci/venv
	@.ci/venv cli $@

$(DEV): pyproject.toml .ci/venv
	@.ci/venv cli,dev $@
	@touch $(CLI)

CLUSTER := $(filter-out files,$(STORE))

demo: $(if $(CLUSTER),$(DEV),$(CLI)) ## a scheduler on three machines, one killed: under a minute (STORE=etcd://… ARGS=--plain)
	@$(BIN)/coordination demo $(if $(CLUSTER),--store '$(CLUSTER)') $(ARGS)

test: $(DEV) ## every suite but tests/house (make check), with branch coverage (ARGS= goes to pytest)
	@rm -f .coverage .coverage.*
	$(BIN)/coverage run -m pytest $(ARGS) -n 4 --dist loadfile --no-loadscope-reorder \
		$(addprefix --ignore=,$(SERVERS) integration/containers tests/house) integration tests  # first what waits
	$(BIN)/coverage run -m pytest $(ARGS) -n 6 --dist loadgroup --no-loadscope-reorder \
		-m 'not again' $(SERVERS)  # they wait more than they work
	@$(BIN)/coverage combine --quiet; rm -f .coverage.*  # what killed children left is cut short, and said to be
	@$(BIN)/coverage json --quiet -o .covered.json --fail-under=0
	$(BIN)/coverage report

test-containers: $(DEV) ## what needs docker: etcd, Consul in containers (as root on Debian it brings its own engine)
	.ci/docker env COORDINATION_TEST_ETCD_WAY=container COORDINATION_TEST_CONSUL_WAY=container \
		$(BIN)/python -m pytest $(ARGS) integration/containers \
		integration/etcd/test_contract.py integration/consul/test_contract.py

check: $(DEV) ## ruff, formatting, mypy --strict, the rules of tests/house; needs no network
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -q tests/house

check-oldest: $(DEV) ## the unit tests with the oldest dependencies that pyproject.toml allows
	@sh .ci/oldest

fix: $(DEV) ## let ruff repair and format what it can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

prove: $(DEV) ## every figure of an issue's "Must show" (ISSUE=1), kept in benchmarks/results/
	@$(if $(ISSUE),,echo "usage: make prove ISSUE=1" >&2; exit 2)
	$(BIN)/python -m benchmarks.prove $(ISSUE) $(ARGS)

clean: ## remove what make made
	rm -rf .venv .venv-oldest .venv-extras .servers .coverage .coverage.* .covered.json .mypy_cache .ruff_cache .pytest_cache .hypothesis dist build
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
