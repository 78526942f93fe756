# The Shanghai Spirit, traced. `make` lists the commands.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
# The site has the date of the last commit, not of the build; without git it has none.
COMMITTED := $(shell git log -1 --format=%ct 2>/dev/null)
ifneq ($(COMMITTED),)
export SOURCE_DATE_EPOCH ?= $(COMMITTED)
endif
WORKERS ?= auto

.DEFAULT_GOAL := help
.PHONY: help setup setup-dev book plain serve features findings release metadata test test-slow test-all bench lighthouse lint format lock clean pdf links verify faults fuzz reproduce audit licences sbom crate bench-large

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# A stamp is newer than its lock file (a list of exact versions): if the lock changes, packages are
# installed again.
$(VENV)/book.stamp: requirements.txt pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or later is needed; call make PYTHON=python3.11")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

$(VENV)/dev.stamp: requirements-dev.txt $(VENV)/book.stamp
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-build-isolation -r requirements-dev.txt
	touch $@

setup: $(VENV)/book.stamp ## make the environment that builds the book
setup-dev: $(VENV)/dev.stamp ## make the environment, with what the tests need

book: setup ## build the site into _build/html
	$(BIN)/python -m tifa_book.build

pdf: setup ## build the site with the whole book as one PDF in it (needs Pango)
	TIFA_PDF=1 $(BIN)/python -m tifa_book.build

plain: ## build the site with plain Sphinx, in its newest version, into _build/plain
	$(PYTHON) -m venv _build/venv-plain
	_build/venv-plain/bin/pip install --quiet -e '.[book,fetch]'
	_build/venv-plain/bin/jupyter-book config sphinx .
	_build/venv-plain/bin/pip install --quiet --upgrade \
	  sphinx sphinx-book-theme pydata-sphinx-theme myst-nb myst-parser
	_build/venv-plain/bin/python -m sphinx -W -n --keep-going -d _build/plain/doctrees . _build/plain/html; \
	  code=$$?; rm conf.py; exit $$code

links: book setup-dev ## check the outside links of the site, with the pages that they are on (needs a network)
	-$(BIN)/uv tool run --from linkchecker==10.6.0 linkchecker --check-extern --verbose --no-status \
	  --output none --file-output csv/_build/links.csv _build/html/index.html

serve: book ## show the site on this machine (PORT=8000)
	$(BIN)/python -m http.server $(or $(PORT),8000) --bind 127.0.0.1 --directory _build/html

features: setup ## count the texts again (needs TIFA_TEXTS)
	for corpus in briefing xi ungdc; do $(BIN)/tifa extract $$corpus --robustness || exit; done
	for corpus in xi-zh mfa-zh xwlb reports-zh; do $(BIN)/tifa extract $$corpus || exit; done

findings: book ## bring data/findings.csv up to date and show what changed
	$(BIN)/tifa snapshot

release: findings ## prepare a release: make release VERSION=1.2.0
	$(BIN)/python -m tifa_book.release $(VERSION)

metadata: setup ## write .zenodo.json again from CITATION.cff
	$(BIN)/python -m tifa.publish.deposit

test: setup-dev ## run the tests
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadscope -rs -m "not slow"

test-slow: setup-dev ## run the slow tests: whole corpora, the site in a browser
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadscope -rs -m slow

test-all: test test-slow ## run every test

bench: book setup-dev ## measure against named peers, into benchmarks/results
	$(BIN)/python benchmarks/run.py

lighthouse: setup-dev ## let Lighthouse judge the built site (needs Node and Chromium)
	$(BIN)/python benchmarks/lighthouse.py

verify: setup ## check every table, against the texts too where they are
	$(BIN)/tifa verify $(if $(TIFA_TEXTS),--against-texts)

faults: setup-dev ## inject faults into the commands that read and write a study, into reliability/results (needs strace)
	$(BIN)/python reliability/faults.py

fuzz: setup-dev ## feed grammar and readers RUNS=100000 inputs from SEED, into reliability/results
	RUNS=$(RUNS) SEED=$(SEED) SECONDS=$(SECONDS) $(BIN)/python reliability/fuzz.py

reproduce: setup-dev ## make everything twice from a clean clone and compare
	$(BIN)/python reliability/reproduce.py $(REPRODUCE)

audit: setup-dev ## ask for known weaknesses of the locked packages
	$(BIN)/uv tool run --from pip-audit==2.9.0 pip-audit --disable-pip --require-hashes -r requirements.txt

licences: setup-dev ## list the licences of the installed packages
	$(BIN)/uv tool run --from pip-licenses==5.0.0 pip-licenses --python $(BIN)/python --from=mixed

crate: book setup-dev ## let the validator of RO-Crate judge the site (needs a network the first time)
	$(BIN)/python -m pytest -rs tests/site/test_crate.py -k validator

sbom: setup-dev ## write a bill of materials, _build/sbom.json
	mkdir -p _build
	$(BIN)/uv tool run --from cyclonedx-bom==7.5.0 cyclonedx-py requirements requirements.txt \
	  --pyproject pyproject.toml --output-reproducible --of JSON -o _build/sbom.json

bench-large: setup-dev ## measure the extraction of large corpora, into benchmarks/results
	$(BIN)/python benchmarks/run.py large

lint: setup-dev ## check style, types, order of packages, scripts, notebooks and CITATION.cff
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/oxlint --deny-warnings book/_assets tests/js
	$(BIN)/python -m nbstripout --keep-id --verify notebooks/*.ipynb
	$(BIN)/uv tool run --from cffconvert==2.0.0 cffconvert --validate

format: setup-dev ## put code and notebooks in order
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/python -m nbstripout --keep-id notebooks/*.ipynb

LOCK := uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes \
	--no-header --no-emit-index-url --no-emit-find-links --quiet --extra book --extra fetch --group build

lock: setup-dev ## write the requirement files again from pyproject.toml
	$(BIN)/$(LOCK) -o requirements.txt
	$(BIN)/$(LOCK) --extra cluster --extra office --group dev -c requirements.txt -o requirements-dev.txt

clean: ## remove what was built, and the environment
	rm -rf _build $(VENV) .hypothesis .mypy_cache .ruff_cache
