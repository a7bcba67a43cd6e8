# `make demo` and `make test` are all that a newcomer needs; each makes its own environment when there is none.
# PYTHON chooses the interpreter (3.11 or newer), VENV the folder of the environment, PEERS an interpreter that has the
# frameworks of the extra bench-peers (without them `make bench` leaves them out).

good = -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python; do $$p $(good) && echo $$p && break; done)
VENV ?= .venv
BIN := $(VENV)/bin
PEERS ?= $(BIN)/python
READY := $(VENV)/.ready

.PHONY: help messages setup demo test test-fast test-all lint docs notebooks bench agreement generate opening picture reference inference-checks release chaos soak fuzz audit mutation coverage clean

help:
	@echo "make setup      the environment in $(VENV)"
	@echo "make demo       simulate 2018 and print what it cost beside the record"
	@echo "make test       all tests (ten minutes and more on two cores)"
	@echo "make test-fast  the tests that take seconds (four minutes on two cores): no browser, notebook, cluster or long run"
	@echo "make test-all   all tests on every Python from 3.11 to 3.13 that is found"
	@echo "make lint       style, types and import floors"
	@echo "make docs       the documentation site in build/site (MINUSIM_SMALL=1 for notebooks of a few weeks)"
	@echo "make notebooks  the notebooks with their outputs, for the site"
	@echo "make bench      speed, scaling and memory, as text, JSON and a figure (about fifteen minutes)"
	@echo "make agreement  engine against readable model: three years, and a decade at small scale (within ten minutes)"
	@echo "make picture    the map in the README"
	@echo "make reference  every figure and table that the documentation cites (within 40 minutes on two cores)"
	@echo "make inference-checks  known truths against what is inferred, after minusim calibrate (half an hour)"
	@echo "make release    source archive and wheel in dist, built twice, tried in an empty environment (five minutes)"
	@echo "make chaos      studies killed, starved and damaged in some 240 ways, and resumed (an hour; goes on where it was)"
	@echo "make soak       20,000 runs in one study: memory, open files, speed, size (about ten minutes)"
	@echo "make fuzz       the recorded campaign of odd inputs, on from where it was (ten minutes; needs the extra audit)"
	@echo "make audit      bandit on the package, advisories about the pinned versions (needs the registry)"
	@echo "make mutation   changes of kernels and statistics that no test notices (within 40 minutes on one core)"
	@echo "make coverage   lines and branches that no test runs (an hour on two busy cores)"
	@echo "make generate   write every generated file again: the compiled day, checksums, tables of the documentation"
	@echo "make messages   the French catalogue, renewed from the messages of the code"
	@echo "make opening    the comparison that the browser view opens on, after a change of the model (a minute)"

setup: $(READY)

$(READY): pyproject.toml constraints.txt
	@test -n "$(PYTHON)" || { echo "No Python 3.11 or newer found; name one: make setup PYTHON=/path/to/python3.12"; exit 2; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[dev]"
	@touch $@

demo: $(READY)
	$(BIN)/minusim demo

# loadscope: the tests of a file stay together and share what they prepare
test: $(READY)
	$(BIN)/python -m pytest -n 2 --dist loadscope

test-fast: $(READY)
	$(BIN)/python -m pytest -n 2 --dist loadscope -m "not slow"

test-all:
	@.ci/interpreters | while read -r version python; do \
	  echo "== Python $$version"; \
	  $(MAKE) --no-print-directory test PYTHON="$$python" VENV=".venv-$$version" || exit 1; \
	done

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy --strict sim
	$(BIN)/lint-imports

$(VENV)/.docs: $(READY)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[dev,docs]"
	@touch $@

docs/notebooks/%.ipynb: notebooks/%.ipynb notebooks/run.py $(VENV)/.docs
	$(BIN)/python -m notebooks.run docs/notebooks $*

notebooks: $(patsubst %,docs/%,$(wildcard notebooks/*.ipynb))

docs: notebooks
	$(BIN)/python -m sphinx --quiet --fail-on-warning --keep-going --fresh-env docs build/site

bench: $(READY)
	$(BIN)/python -m benchmarks --peers $(PEERS)
	cp results/benchmarks/performance.png docs/images/performance.png

agreement: $(READY)
	$(BIN)/python -m tests.reference --first 2016-01-01 --years 3
	$(BIN)/python -m tests.reference --first 2013-07-01 --years 10.6 --persons 1000000

generate: $(READY)
	$(BIN)/python -m tools.generate

messages: $(READY)
	$(BIN)/python -m tools.messages

opening: $(READY)
	$(BIN)/python -m sim.app.initial_state

picture: $(READY)
	rm -rf build/demo
	$(BIN)/minusim demo --out build/demo
	cp build/demo/map.png docs/images/map_2018.png

# finished runs stay in build/reference: an interrupted `make reference` goes on where it was
reference: $(READY) picture
	$(BIN)/minusim validate --draws 200 --rolling --out results/reference/validation
	$(BIN)/minusim compare measures_2018 --replications 100 --resume --out build/reference/measures_2018
	$(BIN)/minusim attribute measures_2018 --replications 60 --resume --out build/reference/attribution_2018
	$(BIN)/minusim sensitivity benchmarks/package_2018.yaml --trajectories 3 --samples 128 --resume --out build/reference/sensitivity_2018
	$(BIN)/python -m analysis.pairing 40 --out build/reference/pairing
	$(BIN)/python -m analysis.placebo_tests 100 --small 10 --out build/reference/placebo_tests
	$(BIN)/python -m analysis.measure_effects 20 --uncertainties posterior --out build/reference/effects
	$(BIN)/python -m analysis.export_results build/reference results/reference
	$(BIN)/python -m analysis.validation_page

# after `minusim calibrate`; writes docs/identifiability.md and docs/images/identifiability.png
inference-checks: $(READY)
	$(BIN)/python -m analysis.inference_checks 100 --calibration results/calibration

# of the commit that is checked out; a tree with other changes is refused
release: $(READY)
	$(BIN)/python -m tools.release

# what is in the table is not tried again: remove results/reliability/faults.csv to start again
chaos: $(READY)
	$(BIN)/python -m tools.faults
	$(BIN)/python -m tools.reliability_page

soak: $(READY)
	$(BIN)/python -m tools.soak
	cp results/reliability/soak.png docs/images/soak.png
	$(BIN)/python -m tools.reliability_page

$(VENV)/.audit: $(READY)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[dev,audit]"
	@touch $@

fuzz: $(VENV)/.audit
	$(BIN)/python -m tools.fuzz

# where no advisory can be had, it fails, and does not say that nothing was found
audit: $(VENV)/.audit
	$(BIN)/bandit --quiet --configfile pyproject.toml --recursive sim
	$(BIN)/python -m tools.release.advisories

$(VENV)/.mutation: $(READY)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[dev,mutation]"
	@touch $@

# what was tried stays in results/reliability: an interrupted campaign goes on where it was
mutation: $(VENV)/.mutation
	$(BIN)/python -m tools.mutation kernels
	$(BIN)/python -m tools.mutation statistics
	$(BIN)/python -m tools.mutation score

# numba's kernels cannot be seen by the tracer: a second run has them as plain Python
PLAIN := tests/test_engine_kernels.py tests/test_engine_streams.py tests/test_process_properties.py \
  tests/test_shared_rules.py tests/test_single_processes.py
coverage: $(READY)
	rm -rf build/coverage
	$(BIN)/python -m coverage run -m pytest -n 2 --dist loadscope --ignore=tests/test_app_browser.py --ignore=tests/test_notebooks.py
	NUMBA_DISABLE_JIT=1 $(BIN)/python -m coverage run -m pytest $(PLAIN)
	$(BIN)/python -m coverage combine --quiet
	$(BIN)/python -m coverage report --skip-covered --show-missing --fail-under=95

clean:
	rm -rf .venv .venv-* build dist docs/notebooks .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
