# Everything starts here: `make demo` on a machine with Python 3.11 and make, `make test` to check it.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt

# Where input of any kind comes in, and how many inputs each is tried with in `make torture`.
SURFACES := -k 'any_ or damaged or any_shape' tests/config tests/models/test_spec.py tests/data/test_fuzz.py
INPUTS ?= 100000

# How many runs `make torture` trains by how many workers of a shared store, some of which die or sleep.
RUNS ?= 2000
WORKERS ?= 16

# How many A/A pairs `make calibration` trains, and for how long at most.
PAIRS ?= 1000
MINUTES ?= 240

.PHONY: locked demo test test-fast check format cluster torture benchmarks calibration clean help

help: ## say what there is
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(VENV)/.installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(PIP) --editable .
	touch $@

$(VENV)/.developed: $(VENV)/.installed
	$(PIP) --editable '.[dev]'
	touch $@

locked: ## what CI installs: every file checked against its hash in requirements.lock
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $(VENV)/.installed $(VENV)/.developed

demo: $(VENV)/.installed ## the main job on real data: which of LSTM and GRU, and how sure is that
	$(BIN)/seqcli compare lstm gru --task sentiment

test: $(VENV)/.developed ## every test but the torture
	$(BIN)/pytest -m 'not torture and not cluster' -n logical --dist loadfile --no-loadscope-reorder

test-fast: $(VENV)/.developed ## the tests that train nothing real
	$(BIN)/pytest -m 'not torture and not cluster and not slow' -n logical --dist loadfile --no-loadscope-reorder

check: $(VENV)/.developed ## format, lint, types, floors
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/.developed ## put the code into its format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# Ray and SLURM are large, and no part of CI: they are installed here alone. The controller, the node daemons and
# munge are started by the tests, as whoever runs them, with a configuration of their own; then they are ended.
cluster: $(VENV)/.developed ## real engines: Debian's SLURM and Ray are installed, two nodes of each are started
	DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends slurm-wlm munge
	$(PIP) --editable '.[slurm,ray]'
	$(BIN)/pytest tests/cluster --timeout 600

torture: $(VENV)/.developed ## fault injection for long runs
	RUNS=$(RUNS) WORKERS=$(WORKERS) $(BIN)/pytest -m torture --timeout 7200
	$(BIN)/pytest $(SURFACES) --inputs $(INPUTS) --timeout 7200 -n logical

benchmarks: $(VENV)/.installed ## ratios measured side by side in one run
	$(BIN)/python benchmarks/startup.py
	$(BIN)/python benchmarks/training.py
	OMP_NUM_THREADS=1 $(BIN)/python benchmarks/gradprobe.py
	OMP_NUM_THREADS=1 $(BIN)/python benchmarks/scheduling.py

calibration: $(VENV)/.installed ## how often verdicts are wrong: simulated, and 1,000 trained A/A pairs
	OMP_NUM_THREADS=1 $(BIN)/python benchmarks/calibration.py --pairs $(PAIRS) --minutes $(MINUTES)

clean: ## remove what make made
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
