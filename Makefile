SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
MAKEFLAGS += --warn-undefined-variables --no-builtin-rules

PYTHON ?= python3
UV := .tools/bin/uv
BIN := .venv/bin
MEMBERS := proto libs/kit libs/ctl libs/local services/ingest services/grading services/notification services/rasterizer services/gateway
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
	$(UV) pip sync --quiet --python $(BIN)/python --require-hashes locks/dev.txt
	$(UV) pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation $(addprefix -e ./,$(MEMBERS))
	touch $@

.PHONY: lock
lock: $(UV) ## Resolve every dependency again into hashed locks without addresses
	$(UV) pip compile --quiet --upgrade --python-version 3.11 --python-platform linux --generate-hashes --no-annotate --no-header \
	  $(foreach m,$(MEMBERS),--no-emit-package korrigo-$(notdir $(m))) \
	  --group dev $(addsuffix /pyproject.toml,$(MEMBERS)) -o locks/dev.txt
	echo uv==0.13.9 | $(UV) pip compile --quiet --generate-hashes --no-annotate --no-header - -o locks/uv.txt

##@ Generated

PROTOS := $(shell find proto/src -name '*.proto')

.PHONY: proto
proto: setup ## Generate the Python of the contract
	PATH=$(CURDIR)/$(BIN):$$PATH $(BIN)/python -m grpc_tools.protoc -I proto/src \
	  --python_out=proto/src --grpc_python_out=proto/src --mypy_out=quiet:proto/src --mypy_grpc_out=quiet:proto/src \
	  $(PROTOS)
	find proto/src/korrigo -type d -exec touch {}/__init__.py \;
