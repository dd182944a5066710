# make run: set up and simulate a night. make test: set up and run the tests.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.ready
READERS := $(VENV)/.readers
# Installs exactly what is locked, file by file; the package itself is built with those tools.
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check
LOCKED := $(INSTALL) --require-hashes --requirement
ITSELF := $(INSTALL) --no-deps --no-build-isolation --editable .
ARGS ?=

.PHONY: help setup lock run test test-deps test-bluez test-wheel lint site pictures mutants bench soak flash clean

help:
	@echo "make run    simulate a night with a virtual ring (OPEN=1: and open the dashboard; ARGS='--hours 1')"
	@echo "make test   run the tests"
	@echo "make test-deps   install the Debian packages that the tests on real parts need (as root)"
	@echo "make test-bluez  run the daemon on a real Bluetooth stack, in a guest kernel"
	@echo "make test-wheel  build the wheel, install it elsewhere, and run the program from there"
	@echo "make lint   check format, lint, types, the import rule, spelling, wording, and the links of documents"
	@echo "make site   build the documents as a website, in build/site (tests build it too)"
	@echo "make pictures  draw the pictures in the documents again, from a modelled month"
	@echo "make mutants    change security-critical code one line at a time; some test must fail (ARGS='--only seal')"
	@echo "make bench  measure, and print the figures that the documents quote"
	@echo "make soak   400 kills during syncs, 30 nights of two rings and of one (ARGS=--write updates the page)"
	@echo "make flash  put the firmware on a connected board"
	@echo "make setup  only set up .venv, with the versions in locked/"
	@echo "make lock   update the versions in locked/"

setup: $(STAMP)

$(STAMP): pyproject.toml locked/dev.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed; select it with make PYTHON=python3.12"; exit 3; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || \
		{ echo "venv failed; on Debian and Ubuntu: apt install python3-venv"; rm -rf $(VENV); exit 3; }
	@echo "Setting up $(VENV) (a minute the first time)"
	@$(LOCKED) locked/dev.txt
	@$(ITSELF)
	@$(BIN)/python -m twitchwatch.web.vendor
	@touch $@
	@echo "Done. The program is $(BIN)/twitchwatch; to type only twitchwatch in this shell: source $(BIN)/activate"

run: setup
	@mkdir -p build
	@$(BIN)/twitchwatch demo --database build/demo.db $(if $(OPEN),--open) $(ARGS)

# Programs that read exports, for the tests alone.
$(READERS): $(STAMP) locked/readers.txt
	@$(LOCKED) locked/readers.txt
	@touch $@

test: setup $(READERS)
	@$(BIN)/python -m pytest -n auto --dist loadfile $(ARGS)

# Debian packages for the tests on real parts; tests/debian-packages.txt has the reasons.
test-deps:
	@tests/install_packages.sh

# One guest for the whole session. No test there uses hypothesis, which takes seconds to load.
test-bluez: setup
	@$(BIN)/python -m tests.bluez.guest $(CURDIR)/$(BIN)/python -m pytest \
		-p no:cacheprovider -p no:hypothesispytest tests/bluez $(ARGS)

# From the wheel, in separate environments; uv's settings determine the index.
test-wheel: setup
	@$(BIN)/python -m pytest -m wheel tests/installed $(ARGS)

# Its types need what the tests read.
lint: setup $(READERS)
	@$(BIN)/ruff format --check
	@$(BIN)/ruff check
	@$(BIN)/mypy
	@PYTHONPATH=firmware:host:. $(BIN)/lint-imports --no-logo
	@$(BIN)/codespell
	@$(BIN)/python -m tests.wording
	@$(BIN)/python -m tests.links

site: setup
	@$(BIN)/python -m sphinx -b html -q -W --keep-going -c docs/site . build/site
	@echo "Built. Open build/site/index.html"

pictures: setup
	@$(BIN)/python -m bench.pictures $(ARGS)

# An hour or more: kills during syncs, many nights in a row.
soak: setup
	@$(BIN)/python -m bench.killed $(ARGS)
	@$(BIN)/python -m bench.soak $(ARGS)
	@$(BIN)/python -m bench.soak_device

bench: setup
	@$(LOCKED) locked/bench.txt
	@$(BIN)/python -m bench $(ARGS)

flash: setup
	@$(BIN)/twitchwatch flash $(ARGS)

# Small changes of the code that security rests on, one at a time; a test must fail for each. Takes hours.
mutants: setup
	@$(LOCKED) locked/mutants.txt
	@$(BIN)/python -m tests.mutants $(ARGS)

# The newest versions that pyproject.toml admits, for every system and every version of Python in one file.
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate \
	--custom-compile-command 'make lock' --upgrade pyproject.toml --extra sim --extra dev
lock: setup
	@$(LOCK) --extra bench --output-file locked/bench.txt
	@$(LOCK) --constraint locked/bench.txt --output-file locked/dev.txt
	@$(LOCK) --constraint locked/bench.txt --extra mutants --output-file locked/mutants.txt
	@$(LOCK) --constraint locked/bench.txt --extra readers --output-file locked/readers.txt

clean:
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -prune -exec rm -rf {} +
