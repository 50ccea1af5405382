# `make` alone lists the targets. Everything runs from a fresh clone: what is missing is installed first.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory
# A target's steps come one after the other: two calls of apt, or a demo before its requirements, help nobody (make -j).
.NOTPARALLEL:

PYTHON ?= $(firstword $(foreach name,python3 python3.13 python3.12 python3.11,\
            $(if $(shell $(name) -c 'import sys, venv; print(sys.version_info >= (3, 11) or "")' 2>/dev/null),$(name))))
VENV := .venv
BIN := $(CURDIR)/$(VENV)/bin
# Two steps, since the demo can do without what testing adds.
RUNTIME_STAMP := $(VENV)/.installed-runtime
STAMP := $(VENV)/.installed
HOST ?= demo
RELEASE ?= bookworm
# It is the domain of the demo's site as well, so that it opens without DNS.
DEMO_IP ?= 10.213.77.5
DEMO_HOSTS := inventories/demo/hosts.json
# What the tests run beside Python: PHP for bridge and sandbox, servers for them and to check rendered files
# with, a browser for the explorer.
TEST_PACKAGES := apache2 chromium chromium-driver git gnupg mariadb-server nginx openssl php-cli php-curl php-fpm php-gd php-intl \
  php-mbstring php-mysql php-pgsql php-xml php-zip postgresql prometheus nftables haproxy
# What `pytest` alone runs, see pyproject.toml. Named, since --ignore does not reach what testpaths names.
ALL_TESTS := tests/unit tests/templates tests/sandbox tests/bridge tests/molecule tests/kill
HOST_TESTS := tests/molecule tests/kill
# Processes that share the tests out, see tests/lanes.py: one more than there are cores, since hosts are waited for.
WORKERS ?= $(shell cores=$$(nproc); echo $$((cores < 5 ? cores + 1 : 6)))
SHARED := -n $(WORKERS) --no-loadscope-reorder
export PATH := $(BIN):$(PATH)

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: venv
venv: $(STAMP) ## make .venv with the pinned requirements

# --no-compile: of the 15000 Python files that `ansible` brings a run needs some hundred, and compiles those itself.
PIP_INSTALL := "$(BIN)/pip" install --quiet --disable-pip-version-check --no-compile

$(RUNTIME_STAMP): requirements.txt
	$(if $(PYTHON),,$(error a Python of 3.11 or newer is needed; name it with PYTHON=...))
	$(PYTHON) -m venv $(VENV) || { echo "make: apt-get install python3-venv, then again" >&2; exit 1; }
	$(PIP_INSTALL) -r requirements.txt
	touch $@

$(STAMP): $(RUNTIME_STAMP) requirements-dev.txt
	$(PIP_INSTALL) -r requirements-dev.txt
	touch $@

.PHONY: needs
needs: ## install the Debian packages that test hosts need
	@$(PYTHON) -m testhost needs >/dev/null

.PHONY: test-needs
test-needs: ## install the Debian packages that the tests need
	@$(PYTHON) -m testhost needs $(TEST_PACKAGES) >/dev/null

.PHONY: host
host: needs ## start a bare Debian test host: make host HOST=name RELEASE=bookworm
	$(PYTHON) -m testhost up $(HOST) --release $(RELEASE)

.PHONY: host-down
host-down: ## take a test host away: make host-down HOST=name
	$(PYTHON) -m testhost down $(HOST)

.PHONY: demo
demo: needs $(RUNTIME_STAMP) ## host the sandbox on a local test host; prints URL, login and key
	$(PYTHON) -m testhost up demo --ip $(DEMO_IP) --inventory $(DEMO_HOSTS) --group miclinik >/dev/null
	ansible-playbook --inventory inventories/demo playbooks/site.yml
	@python -m demo.access --inventory inventories/demo

.PHONY: demo-down
demo-down: ## take the demo away
	$(PYTHON) -m testhost down demo

.PHONY: lint
lint: $(STAMP) ## check style and types
	ruff check .
	ruff format --check .
	mypy
	yamllint --strict .
	ansible-lint
	python docs/generate.py --check

.PHONY: unit
unit: test-needs $(STAMP) ## run the tests that need no host
	pytest $(SHARED) $(filter-out $(HOST_TESTS),$(ALL_TESTS))

.PHONY: molecule
molecule: needs test-needs $(STAMP) ## run the molecule scenarios on test hosts
	pytest -v $(SHARED) tests/molecule

.PHONY: test
test: test-needs $(STAMP) ## run all tests, WORKERS at once; closes with pytest's count
	pytest -v --durations=20 $(SHARED)

.PHONY: test-real
test-real: needs test-needs $(STAMP) ## run the scenarios on a tree of the real application: make test-real SOURCE=/path/to/tree
	@test -e "$(SOURCE)" || { echo "make test-real SOURCE=/path/to/tree: there is no '$(SOURCE)'" >&2; exit 2; }
	MICLINIK_SOURCE="$$(realpath -m -- "$(SOURCE)")" pytest -v $(SHARED) tests/molecule

.PHONY: test-shapes
test-shapes: needs test-needs $(STAMP) ## every server, database and distribution; SOURCE=/tree OTHER_SOURCE=/another, or the sandbox
	MICLINIK_SCENARIOS=shapes MICLINIK_SOURCE="$(if $(SOURCE),$$(realpath -m -- "$(SOURCE)"))" \
	  MICLINIK_OTHER_SOURCE="$(if $(OTHER_SOURCE),$$(realpath -m -- "$(OTHER_SOURCE)"))" pytest -v tests/molecule

.PHONY: test-adopt
test-adopt: needs $(STAMP) ## take over sites that others have made: SOURCE=/path/to/tree ADOPT="nginx apache docker docker-apache"
	@test -e "$(SOURCE)" || { echo "make test-adopt SOURCE=/path/to/tree: there is no '$(SOURCE)'" >&2; exit 2; }
	python -m tests.adopt $(ADOPT) --source "$$(realpath -m -- "$(SOURCE)")"

.PHONY: test-kill
test-kill: needs $(STAMP) ## kill runs at every task (hours): KILL="--web-server apache", MICLINIK_KILLS=first:12, MICLINIK_SEED=8
	python -m tests.kill $(if $(SOURCE),--source "$$(realpath -m -- "$(SOURCE)")") $(KILL)

.PHONY: test-cluster
test-cluster: needs $(STAMP) ## two hosts and an arbiter, killed in turn, robbed and deployed to while orders are written: SOURCE=/tree, or the sandbox; CLUSTER="--parts deploy"
	python -m tests.cluster $(if $(SOURCE),--source "$$(realpath -m -- "$(SOURCE)")") $(CLUSTER)

.PHONY: test-modules
test-modules: needs $(STAMP) ## switch every module of a tree on, one at a time and all at once: SOURCE=/tree MODULES="--only ldap --release trixie"
	@test -e "$(SOURCE)" || { echo "make test-modules SOURCE=/path/to/tree: there is no '$(SOURCE)'" >&2; exit 2; }
	@$(PYTHON) -m testhost needs poppler-utils >/dev/null
	PYTHONPATH=.collections python -m tests.modules --source "$$(realpath -m -- "$(SOURCE)")" $(MODULES)

.PHONY: test-login
test-login: needs test-needs $(STAMP) ## log in by slapd and by OpenID Connect in a browser: SOURCE=/tree LOGIN="--release trixie --web-server apache"
	@test -e "$(SOURCE)" || { echo "make test-login SOURCE=/path/to/tree: there is no '$(SOURCE)'" >&2; exit 2; }
	PYTHONPATH=.collections python -m tests.login --source "$$(realpath -m -- "$(SOURCE)")" $(LOGIN)

.PHONY: test-drift
test-drift: test-needs $(STAMP) ## what is changed by hand, in the database and in the pages of a tree: make test-drift SOURCE=/path/to/tree
	@test -e "$(SOURCE)" || { echo "make test-drift SOURCE=/path/to/tree: there is no '$(SOURCE)'" >&2; exit 2; }
	MICLINIK_TREE="$$(realpath -m -- "$(SOURCE)")" pytest -v tests/bridge/test_drift*.py

.PHONY: test-doctor
test-doctor: needs $(STAMP) ## draw N faults from what is on a host: N=100, SOURCE=/tree or the sandbox; DOCTOR="--web-server apache", MICLINIK_SEED=8
	PYTHONPATH=.collections python -m tests.doctor -n $(or $(N),10) $(if $(SOURCE),--source "$$(realpath -m -- "$(SOURCE)")") $(DOCTOR)

.PHONY: test-doctor-healthy
test-doctor-healthy: $(STAMP) ## look N times at a converged host that is well, whatever goes on there: INVENTORY=FILE N=40
	pytest tests/faults --inventory "$(INVENTORY)" -k "healthy or only_reads" --healthy-runs $(or $(N),40)

.PHONY: test-kill-upgrade
test-kill-upgrade: needs $(STAMP) ## kill all sorts at each step of an upgrade: SOURCE=/tree NEWER=/tree KILL="--engine postgresql --kinds power"
	python -m tests.kill.strikes $(if $(SOURCE),--source "$$(realpath -m -- "$(SOURCE)")") \
	  $(if $(NEWER),--newer "$$(realpath -m -- "$(NEWER)")") $(KILL)

.PHONY: test-kill-playbooks
test-kill-playbooks: needs $(STAMP) ## kill a run of every playbook, twenty times: SOURCE=/tree NEWER=/tree KILL="--kills 40", MICLINIK_SEED=8
	python -m tests.kill.playbooks $(if $(SOURCE),--source "$$(realpath -m -- "$(SOURCE)")") \
	  $(if $(NEWER),--newer "$$(realpath -m -- "$(NEWER)")") $(KILL)

.PHONY: test-carried
test-carried: needs test-needs $(STAMP) ## a host of the oldest supported commit is carried over; SOURCE=/tree or the sandbox
	MICLINIK_SOURCE="$(if $(SOURCE),$$(realpath -m -- "$(SOURCE)"))" pytest -v tests/carried

.PHONY: test-habits
test-habits: needs $(STAMP) ## run examples/infrastructure as others do: sudo, bastion, vault, serial, IPv6, molecule; a quarter of an hour
	pytest -v tests/habits

.PHONY: sanity
sanity: $(STAMP) ## ansible-test sanity on what is built of the collection; ten minutes the first time
	python -m tests.sanity

.PHONY: test-ansible
test-ansible: needs $(STAMP) ## every supported ansible-core hosts a site, an older one is refused; ten minutes
	pytest -v tests/controllers

.PHONY: bench
bench: needs $(STAMP) ## ratios against the usual set-up: make bench SOURCE=/tree, or the sandbox; BENCH="calls --keep", docs/performance.md
	python -m tests.bench $(if $(SOURCE),--source "$$(realpath -m -- "$(SOURCE)")") $(BENCH)

.PHONY: bench-deployments
bench-deployments: needs $(STAMP) ## who notices a deployment: SOURCE=/tree, or the sandbox; DEPLOY="--web-server apache", docs/performance.md
	python -m tests.bench.deployments $(if $(SOURCE),--source "$$(realpath -m -- "$(SOURCE)")") $(DEPLOY)

.PHONY: bench-sites
bench-sites: needs $(STAMP) ## a hundred sites on one host, two of them of SOURCE=/tree: SITES="--sites 50", docs/performance.md
	python -m tests.bench.sites $(if $(SOURCE),--source "$$(realpath -m -- "$(SOURCE)")") $(SITES)

.PHONY: bench-guard
bench-guard: needs $(STAMP) ## what floods leave a client and a person: SOURCE=/tree, or the sandbox; GUARD="--servers nginx", docs/security.md
	python -m tests.bench.guard $(if $(SOURCE),--source "$$(realpath -m -- "$(SOURCE)")") $(GUARD)
