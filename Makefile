# `make` alone lists the targets. Needed on the machine: make, and Python 3.11 or newer with venv and pip.
# Every target sets itself up: it makes .venv, and installs when the lock has changed.
#
#   make demo PORT=9000         make test ARGS="tests/accounts -x"         make demo PYTHON=python3.12
#   DATABASE_URL=... REDIS_URL=... make test      uses these servers instead of starting its own
#   E2E=1 make test             installs playwright too, for the browser tests (they need the system's chromium)

.DEFAULT_GOAL := help
PYTHON ?= $(shell for candidate in python3.11 python3.12 python3.13 python3; do \
	$$candidate -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$candidate && break; done)
VENV := .venv
BIN := $(VENV)/bin
DEV_LOCK := requirements/$(if $(E2E),e2e,dev).txt
WORKERS ?= 2
CATALOGUES := $(patsubst %.po,%.mo,$(wildcard locale/*/LC_MESSAGES/*.po))
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help demo test check bench schema shell messages install lock clean

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(VENV)/installed-embedded $(CATALOGUES) ## the whole system with demo data, on http://localhost:8000; Ctrl-C stops it
	@MEDIVOY_ENV=development exec $(BIN)/python manage.py demo --stop-with-parent $(if $(PORT),--port $(PORT)) $(ARGS)

test: $(VENV)/installed-dev $(CATALOGUES) ## all tests, against a throw-away PostgreSQL and Valkey (ARGS="tests/accounts -x")
	@$(BIN)/python -m pytest -n $(WORKERS) $(ARGS)

check: $(VENV)/installed-dev $(CATALOGUES) ## lint, format, types, imports, migrations, deployment, schema, security, links
	@$(BIN)/python -m medivoy.embedded --throw-away $(BIN)/python .ci/check.py $(ARGS)

bench: $(VENV)/installed-dev $(CATALOGUES) ## speed of the main requests, as a ratio to the same SQL without Django
	@$(BIN)/python -m benchmarks $(ARGS)

schema: $(VENV)/installed-dev ## write the OpenAPI document to build/openapi.json
	@mkdir -p build
	@MEDIVOY_ENV=test $(BIN)/python manage.py spectacular --validate --format openapi-json --file build/openapi.json
	@echo build/openapi.json

shell: $(VENV)/installed-embedded $(CATALOGUES) ## a Python shell with all models, on the demo's data
	@MEDIVOY_ENV=development $(BIN)/python -m medivoy.embedded $(BIN)/python manage.py shell $(ARGS)

messages: $(VENV)/installed-dev ## collect translatable texts into locale/*/LC_MESSAGES/django.po (needs gettext)
	@command -v xgettext >/dev/null || { echo "make messages needs GNU gettext (xgettext)"; exit 1; }
	@MEDIVOY_ENV=test $(BIN)/python manage.py makemessages --all --no-wrap --add-location file \
		--ignore .venv --ignore build --ignore var --ignore tests

install: $(VENV)/installed-dev $(CATALOGUES) ## the virtual environment with everything for development

lock: $(VENV)/installed-dev ## pin the dependencies of pyproject.toml into requirements/ (UPGRADE=1: to the newest)
	$(call compile,e2e,--extra embedded --extra dev --extra e2e $(if $(UPGRADE),--upgrade))
	$(call compile,dev,--extra embedded --extra dev $(if $(UPGRADE),--upgrade))
	$(call compile,embedded,--extra embedded $(if $(UPGRADE),--upgrade))
	$(call compile,base,$(if $(UPGRADE),--upgrade))
	@mkdir -p build; grep -oE '^[a-z0-9.-]+==[^ ]+' requirements/e2e.txt >build/pins; \
		! cat requirements/*.txt | grep -oE '^[a-z0-9.-]+==[^ ]+' | grep -vxF -f build/pins || { echo "locked at two versions"; exit 1; }
	@! grep -nE '://' requirements/*.txt || { echo "an address of an index got into the lock"; exit 1; }

clean: ## remove all that make has made: virtual environment, demo data, caches, built files
	@test ! -e var/embedded/supervisor.lock || $(PYTHON) -c 'import fcntl; fcntl.flock(open("var/embedded/supervisor.lock", "a"), \
		fcntl.LOCK_EX | fcntl.LOCK_NB)' 2>/dev/null || { echo "the demo is running: stop it first"; exit 1; }
	@test ! -L var/embedded/elsewhere || rm -rf "$$(readlink var/embedded/elsewhere)"
	rm -rf $(VENV) build var $(CATALOGUES) .coverage .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# --- set-up ---

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed (PYTHON=... names it)"; exit 1; }
	@echo "Making a virtual environment with $$($(PYTHON) --version)"
	@$(PYTHON) -m venv $(VENV) || { echo "Python's venv module is needed (on Debian: python3-venv)"; rm -rf $(VENV); exit 1; }

$(VENV)/installed-embedded: requirements/embedded.txt | $(BIN)/python
	$(call pip_install,requirements/embedded.txt)
	@touch $@

$(VENV)/installed-dev: $(DEV_LOCK) | $(BIN)/python
	$(call pip_install,$(DEV_LOCK))
	@touch $@ $(VENV)/installed-embedded

%.mo: %.po | $(VENV)/installed-embedded
	@$(BIN)/pybabel --quiet compile --input-file $< --output-file $@

# pip says too much or nothing; this says how far it is, and shows the log only when it fails.
define pip_install
	@total=$$(grep -c '^[a-z].*==' $(1)); mkdir -p build; \
	echo "Installing $$total packages of $(1): a minute or two the first time, then only when the lock changes"; \
	PYTHONUNBUFFERED=1 $(BIN)/pip install --require-hashes --requirement $(1) >build/install.log 2>&1 & pip=$$!; \
	trap 'kill $$pip 2>/dev/null' INT TERM; seconds=0; \
	while kill -0 $$pip 2>/dev/null; do \
		sleep 1; seconds=$$((seconds + 1)); done=$$(grep -cE '^(Collecting|Requirement already)' build/install.log); \
		if [ -t 1 ]; then printf '\r  %s of %s fetched, %s s ' "$$done" "$$total" "$$seconds"; \
		elif [ $$((seconds % 15)) = 0 ]; then echo "  $$done of $$total fetched, $$seconds s"; fi; \
	done; \
	wait $$pip || { echo; tail -n 20 build/install.log; exit 1; }; \
	if [ -t 1 ]; then printf '\r'; fi; echo "  installed in $$seconds s                "
endef

define compile
	@echo "requirements/$(1).txt"
	@$(BIN)/uv --quiet pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--custom-compile-command "make lock" $(2) pyproject.toml --output-file requirements/$(1).txt
endef
