# The entry point for every development task; `make` alone lists them.
VENV ?= .venv
IMAGE_VENV := $(VENV)-image
AUDIT_VENV := $(VENV)-audit
PEERS_VENV := $(VENV)-peers
PYTHON ?= python3
PORT ?= 8080
PY := $(VENV)/bin/python
PLOTLY := static/vendor/plotly.min.js

# Tests keep every core busy, so a library that starts a thread per core only gets in its own way. Compiled tests are kept.
test test-fast faults coverage: export POLARS_MAX_THREADS = 1
test test-fast faults coverage: export OPENBLAS_NUM_THREADS = 1
test test-fast faults coverage: export OMP_NUM_THREADS = 1
test test-fast faults coverage: export PYTHONDONTWRITEBYTECODE =

.DEFAULT_GOAL := help
.PHONY: help run test test-fast faults coverage lint format translations lock audit sbom licences docs bench bench-peers bench-short image-check screenshots clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

run: $(VENV)/served $(PLOTLY) ## install dependencies and serve on PORT (8080)
	PORT=$(PORT) CHORUS_DATASETS=$${CHORUS_DATASETS-datasets} $(VENV)/bin/chorus serve

test: $(VENV)/dev $(PLOTLY) lint ## install dependencies and run the tests, except the long ones that `make faults` runs
	$(PY) -m pytest -n 3 --dist worksteal

test-fast: $(VENV)/dev $(PLOTLY) ## run the tests that need no browser, server, training, or other program
	$(PY) -m pytest -n 2 --dist worksteal -m "not browser and not server and not training and not slow and not long" --hypothesis-profile fast

faults: $(VENV)/dev $(PLOTLY) ## run the fault suite and all cases of slow tests, with more inputs than `make test` tries
	$(PY) -m pytest -n 2 --dist worksteal -m faults --hypothesis-profile faults

coverage: $(VENV)/dev $(PLOTLY) ## run every test and fail if they miss more than 5 % of the branches
	$(PY) -m pytest -n 2 --dist worksteal --cov=dashboard --cov-config=setup.cfg --cov-report=term --cov-fail-under=95

lint: $(VENV)/dev ## check formatting, style, types and imports between packages
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/ruff check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports

format: $(VENV)/dev ## format the code
	$(VENV)/bin/ruff format .
	$(VENV)/bin/ruff check --fix .

translations: $(VENV)/dev ## collect the texts of the interface in dashboard/translations, where translators find the new ones empty
	$(PY) -m babel.messages.frontend -q extract -F babel.cfg -k translatable -k deferred -k translatable_plural:1,2 -k deferred_plural:1,2 --no-location --sort-output -o $(VENV)/messages.pot .
	for language in de fr es pt; do $(PY) -m babel.messages.frontend -q update -i $(VENV)/messages.pot -l $$language -d dashboard/translations \
	  --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date -w 140; done

lock: $(VENV)/dev ## update all pinned packages and their hashes
	$(VENV)/bin/uv pip compile -q setup.cfg --generate-hashes --universal --python-version 3.11 --no-emit-index-url -o requirements.txt
	$(VENV)/bin/uv pip compile -q setup.cfg --extra dev --generate-hashes --universal --python-version 3.11 --no-emit-index-url -c requirements.txt -o requirements-dev.txt
	$(VENV)/bin/uv pip compile -q setup.cfg --extra models --generate-hashes --universal --python-version 3.11 --no-emit-index-url -c requirements-dev.txt -o requirements-models.txt
	$(VENV)/bin/uv pip compile -q setup.cfg --extra scale --generate-hashes --universal --python-version 3.11 --no-emit-index-url -c requirements-dev.txt -o requirements-scale.txt
	$(VENV)/bin/uv pip compile -q bench/peers/requirements.in --generate-hashes --universal --python-version 3.11 --no-emit-index-url -c requirements-dev.txt -o bench/peers/requirements.txt
	$(VENV)/bin/uv pip compile -q deploy/audit.in --generate-hashes --universal --python-version 3.11 --no-emit-index-url -o requirements-audit.txt
	npm install --package-lock-only --ignore-scripts --no-audit --no-fund

audit: $(AUDIT_VENV)/ready ## look for known vulnerabilities in the pinned packages (needs the internet)
	for lock in requirements.txt requirements-models.txt requirements-scale.txt requirements-dev.txt requirements-audit.txt bench/peers/requirements.txt; do \
	  $(AUDIT_VENV)/bin/pip-audit --strict --disable-pip --require-hashes -r $$lock || exit 1; done

sbom: $(AUDIT_VENV)/ready $(IMAGE_VENV)/ready ## list what the image contains as CycloneDX, in sbom/
	mkdir -p sbom
	$(AUDIT_VENV)/bin/cyclonedx-py environment --output-reproducible --of JSON -o sbom/python.cdx.json $(IMAGE_VENV)/bin/python
	npm sbom --package-lock-only --sbom-format cyclonedx > sbom/front-end.cdx.json

licences: $(AUDIT_VENV)/ready $(IMAGE_VENV)/ready ## list the licence of every Python package in the image in docs/operate/licences.csv
	$(AUDIT_VENV)/bin/pip-licenses --python $(IMAGE_VENV)/bin/python --no-version --with-urls --format csv --output-file docs/operate/licences.csv

docs: $(VENV)/dev ## build the documentation into site/, treating warnings as errors
	$(PY) -m sphinx -W --keep-going -q -E -d $(VENV)/doctrees docs site

bench: $(VENV)/dev $(PLOTLY) ## measure what users wait for
	$(PY) bench/waits.py
	$(PY) bench/many_accounts.py
	$(PY) bench/transfer.py
	$(PY) bench/predictions.py
	$(PY) bench/vader.py
	$(PY) bench/serving.py
	$(PY) bench/start.py
	$(PY) bench/kept.py
	$(PY) bench/facts.py
	$(PY) bench/scale.py
	$(PY) bench/seconds.py

bench-peers: $(VENV)/dev $(PLOTLY) $(PEERS_VENV)/ready ## compare with the dashboard in R and with FastAPI, and write bench/results.md
	PEERS_VENV=$(PEERS_VENV) $(PY) bench/compare.py

bench-short: $(VENV)/dev $(PLOTLY) $(PEERS_VENV)/ready ## run each comparison once, to see that it works
	PEERS_VENV=$(PEERS_VENV) $(PY) bench/compare.py --short

image-check: $(VENV)/dev ## build the image without Docker, test it and print its size (Debian, as root)
	$(PY) bench/image.py

screenshots: $(VENV)/dev $(PLOTLY) ## take screenshots of every page: light, dark, desktop and phone
	$(PY) bench/screenshots.py

clean: ## remove everything that make installed
	rm -rf $(VENV) $(AUDIT_VENV) $(IMAGE_VENV) $(PEERS_VENV) node_modules site sbom static/vendor static/*.br static/*.gz

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/served: requirements.txt | $(VENV)/bin/python
	$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@printf '#!%s\nimport sys\nsys.path.insert(0, "%s")\nfrom dashboard.cli import main\nsys.exit(main())\n' "$(CURDIR)/$(PY)" "$(CURDIR)" > $(VENV)/bin/chorus
	@chmod +x $(VENV)/bin/chorus
	@touch $@

$(VENV)/dev: requirements-dev.txt $(VENV)/served
	$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@

$(AUDIT_VENV)/ready: requirements-audit.txt
	$(PYTHON) -m venv $(AUDIT_VENV)
	$(AUDIT_VENV)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-audit.txt
	@touch $@

$(PEERS_VENV)/ready: bench/peers/requirements.txt
	$(PYTHON) -m venv $(PEERS_VENV)
	$(PEERS_VENV)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r bench/peers/requirements.txt
	@touch $@

# What the Dockerfile installs, without development packages.
$(IMAGE_VENV)/ready: requirements.txt
	$(PYTHON) -m venv --without-pip $(IMAGE_VENV)
	$(PYTHON) -m pip --python $(IMAGE_VENV)/bin/python install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

# npm provides the small bundle; if it isn't available, the larger one from the plotly wheel is used.
$(PLOTLY): package-lock.json $(VENV)/served $(wildcard static/*.css static/*.js)
	@mkdir -p $(@D)
	@if command -v npm >/dev/null && npm ci --silent --ignore-scripts --no-audit --no-fund; \
	then cp node_modules/plotly.js-basic-dist-min/plotly-basic.min.js $@; \
	else $(PY) -c "import sys; from dashboard.web.middleware.static_files import locate_plotly_in_wheel; sys.stdout.write(str(locate_plotly_in_wheel()))" | xargs -I{} cp {} $@; fi
	@rm -f static/*.br static/*.gz static/vendor/*.br static/vendor/*.gz
	$(PY) -m whitenoise.compress --quiet static
