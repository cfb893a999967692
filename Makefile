# Everything a newcomer types. Each target does its own set-up, so that `make demo` and `make test` work on a fresh machine.
#
#   make demo         the platform in a browser, in exercise mode, with one-time sign-in links
#   make test         checks, then all tests; as root on Debian it first installs what they need and is missing
#   make check        lint, types, import contracts, migrations
#   make bench        every goal measured here, as a table (SIZE=small|full|big, BENCHFLAGS="--write --json")
#   make messages     collect and compile the texts of the interface
#   make lock         resolve the dependencies again and write both lock files
#   make install-postgres   the driver, for installations on PostgreSQL
#   make vendor       fetch the front-end libraries again and write their hash lists
#   make install      only .venv with what runs; make install-dev also what tests

VENV := .venv
BIN := $(VENV)/bin
REPORTS := build/reports
MANAGE := $(BIN)/python -m django
export DJANGO_SETTINGS_MODULE := fenghuo.ops.settings

.PHONY: install install-dev install-postgres demo test test-only check bench messages lock vendor clean

install: $(VENV)/.installed
install-dev: $(VENV)/.installed-dev

$(BIN)/python:
	@sh deploy/make-venv.sh $(VENV)

# The lock files hold a hash of every file that may be installed; pip refuses anything else.
$(VENV)/.installed: $(BIN)/python requirements.lock pyproject.toml
	@echo "Installing what Fenghuo runs on (requirements.lock) …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.installed-dev: $(BIN)/python requirements-dev.lock pyproject.toml
	@echo "Installing what Fenghuo is built and tested with (requirements-dev.lock) …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $(VENV)/.installed $@

install-postgres: install
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r deploy/requirements-postgres.lock

demo: install
	@$(BIN)/fenghuo demo

test: check test-only

# Fast tests first and then what is long, two files at a time; beside them the browser's, one file at a time, for they mostly
# wait, and Playwright wants processes of its own. What the test processes have in common they make once (tests/templates.py), and
# Python keeps what it compiled for them. tests/debian.sh says which tests this machine cannot run (nothing, usually). A group
# without tests is no failure here (pytest's status 5); that any test ran at all is asked by .ci/run.
PYTEST := $(BIN)/python -m pytest -q --dist loadfile --no-loadscope-reorder
test-only: export PYTHONDONTWRITEBYTECODE :=
test-only: install-dev
	@rm -rf $(REPORTS) && mkdir -p $(REPORTS)
	@unable=$$(sh tests/debian.sh) || exit 1; but=$${unable:+ and $$unable}; browser=; \
	TEMPLATES_FOR_TESTS=$$(mktemp -d) && export TEMPLATES_FOR_TESTS || exit 1; \
	trap 'test -z "$$browser" || kill $$browser; rm -rf "$$TEMPLATES_FOR_TESTS"' EXIT; trap 'exit 130' INT TERM; \
	done_with() { [ $$2 -ne 5 ] || { rm -f $(REPORTS)/$$1.xml; return 0; }; return $$2; }; \
	$(PYTEST) -m "browser$$but" -n 1 --junit-xml=$(REPORTS)/browser.xml >$(REPORTS)/browser.txt 2>&1 & browser=$$!; \
	echo "== not browser$$but"; \
	$(PYTEST) -m "not browser$$but" -n 2 --junit-xml=$(REPORTS)/tests.xml; done_with tests $$?; code=$$?; \
	wait $$browser; done_with browser $$?; theirs=$$?; browser=; \
	echo "== browser$$but"; cat $(REPORTS)/browser.txt; \
	exit $$((code ? code : theirs))

check: install-dev
	@mkdir -p build
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --check --quiet . || { echo "Not formatted. Run: $(BIN)/ruff format ."; exit 1; }
	@$(BIN)/lint-imports --no-logo >build/lint-imports.txt 2>&1 || { cat build/lint-imports.txt; exit 1; }
	@$(BIN)/mypy
	@data=$$(mktemp -d) && FENGHUO_DATA=$$data $(MANAGE) makemigrations --check --dry-run; code=$$?; rm -rf "$$data"; exit $$code

# SIZE=big takes a quarter of an hour; BENCHFLAGS=--write puts figures, table and plot into docs/reference.
SIZE ?= full
bench: install-dev
	@$(BIN)/python -m benchmarks.bench --size $(SIZE) $(BENCHFLAGS)

# Needs gettext (Debian: apt-get install gettext). The catalogue and its compiled form are both committed.
messages: install-dev
	@mkdir -p fenghuo/locale
	@cd fenghuo && ../$(MANAGE) makemessages --locale zh_Hans --no-wrap --add-location file --ignore profiles --verbosity 0
	@cd fenghuo && ../$(MANAGE) compilemessages --locale zh_Hans --verbosity 0

# The second file is held to the versions of the first. Neither names a host: where packages come from is each machine's own affair.
LOCK := $(BIN)/pip-compile --quiet --generate-hashes --strip-extras --allow-unsafe --build-deps-for=editable \
	--no-emit-index-url --no-emit-trusted-host --no-emit-find-links
lock: install-dev
	@$(LOCK) $(LOCKFLAGS) --output-file=requirements.lock pyproject.toml
	@$(LOCK) $(LOCKFLAGS) --extra=dev --constraint=requirements.lock --output-file=requirements-dev.lock pyproject.toml
	@$(LOCK) $(LOCKFLAGS) --constraint=requirements-dev.lock --output-file=deploy/requirements-postgres.lock deploy/requirements-postgres.in

# Needs npm to fetch; serving and testing do not.
vendor: install-dev
	@$(BIN)/python deploy/vendor.py

clean:
	@rm -rf build .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
