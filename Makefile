# Two commands do everything on a machine that has Python >= 3.11 and make: `make demo` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export PATH := $(CURDIR)/$(BIN):$(PATH)
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Hundreds of Python processes run here, each of which would compile all that it imports.
unexport PYTHONDONTWRITEBYTECODE

PIP_INSTALL := $(BIN)/pip install --quiet --no-deps --no-compile --require-hashes
DEMO_READY := $(VENV)/demo-ready
TEST_READY := $(VENV)/test-ready
# Three, as whole productions wait for the most part.
SIDE_BY_SIDE := --numprocesses=3 --no-loadscope-reorder
# What is said of pictures on air is held against a machine's own speed: it has the processors to itself.
ALONE := tests/end_to_end/test_production.py tests/end_to_end/test_source_recordings.py

.PHONY: demo test check unit end-to-end faults chaos soak scale bench bench-size bench-media calls format docs state-machine media-rules dashboards \
  screenshots lock clean

demo: $(DEMO_READY)
	$(BIN)/organist local step_functions/mediaInput.json

test: $(TEST_READY)
	$(MAKE) --no-print-directory check
	node --test "tasks/node-red/test/*.test.js" "tasks/node-red/media-nodes/test/**/*.test.js"
	$(BIN)/pytest $(SIDE_BY_SIDE) --ignore=tests/unit/template $(ALONE:%=--ignore=%)
	$(BIN)/pytest $(ALONE)

check: $(TEST_READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/cfn-lint template.yaml
	$(BIN)/python -m tests.unit.template.plain build/plain
	$(BIN)/cfn-lint build/plain/template.json build/plain/monitoring.json
	$(BIN)/pytest --quiet tests/unit/template
	$(BIN)/statelint step_functions/dynamicNTS.json
	node tests/node_modules/asl-validator/dist/bin/asl-validator.js --json-path step_functions/dynamicNTS.json

unit: $(TEST_READY)
	$(BIN)/pytest tests/unit

end-to-end: $(TEST_READY)
	$(BIN)/pytest tests/end_to_end

# Every call of a production with every kind of fault, several in one production where it gets over them.
faults: $(TEST_READY)
	$(BIN)/pytest tests/faults

# Each fault alone and at both machines, an abort at every state, pairs of faults by chance: prints the totals.
chaos: $(TEST_READY)
	$(BIN)/python -m tests.faults.chaos

# A production of MINUTES in which a process is killed or stopped every few seconds: prints what it lost.
MINUTES ?= 10
soak: $(TEST_READY)
	$(BIN)/python -m tests.soak --minutes $(MINUTES)

# Productions that begin at once, with AWS's published limits and without: prints a table.
scale: $(TEST_READY)
	$(BIN)/python -m tests.benchmarks.scale

# What the mixing engine takes of the processors, beside a plain FFmpeg that does the same work: prints a table. Linux only.
bench-media: $(TEST_READY)
	node tests/benchmarks/media/main.js

# Time to on air by part, with short times and with AWS's, memory and imports, each beside what it cannot be below.
bench: $(TEST_READY)
	$(BIN)/python -m tests.benchmarks --aws-times

# What productions ask IAM for, which `organist doctor` asks about; a test says when to record it again.
calls: $(TEST_READY)
	$(BIN)/python -m tests.faults.record_calls

# CPU and memory of mixer and encoder at each format: prints the part "measured" of lambdas/production/machines/machine_sizes.json.
bench-size: $(TEST_READY)
	$(BIN)/python -m tests.benchmarks.machine_size

format: $(TEST_READY)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

docs: $(DEMO_READY)
	$(BIN)/python -m tools.page_tables

state-machine: $(DEMO_READY)
	$(BIN)/python -m tools.state_machine

media-rules: $(DEMO_READY)
	$(BIN)/python -m tools.media_rules

dashboards: $(DEMO_READY)
	$(BIN)/python -m tools.saved_objects

# The README's picture of the watch page, from a production on the local cloud. On Linux on x86_64 only.
screenshots: $(DEMO_READY)
	$(BIN)/python -m tools.screenshots

# The command, the local cloud, Node.js, FFmpeg, Node-RED and uPlot. Done again only when a lock file changes.
$(DEMO_READY): scripts/requirements.txt tasks/node-red/package-lock.json scripts/local_cloud/charts/package-lock.json \
  pyproject.toml | $(VENV)
	@echo "Installing what the production needs (once)"
	$(PIP_INSTALL) -r scripts/requirements.txt
	$(BIN)/pip install --quiet --no-deps --no-build-isolation --editable .
	$(BIN)/python -c "from local_cloud import toolchain; toolchain.main()"
	@touch $@

$(TEST_READY): tests/requirements.txt tests/package-lock.json tools/screenshots/package-lock.json tasks/node-red/dynamorse/package-lock.json $(DEMO_READY)
	@echo "Installing what the tests need (once)"
	$(PIP_INSTALL) -r tests/requirements.txt
	$(BIN)/python -c "from local_cloud import toolchain; toolchain.install_packages(toolchain.DYNAMORSE_FOLDER)"
	cd tests && npm ci --no-audit --no-fund --loglevel=error
	cd tools/screenshots && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

$(VENV):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "organist needs Python 3.11 or later; set PYTHON=/path/to/one")'
	$(PYTHON) -m venv $(VENV)

# Lock files name versions and hashes, never a registry's host. Needs uv.
lock:
	uv pip compile --quiet --no-config --universal --generate-hashes --no-header --no-annotate --upgrade \
	  --python-version 3.11 pyproject.toml --extra local --group build --output-file scripts/requirements.txt
	uv pip compile --quiet --no-config --universal --generate-hashes --no-header --no-annotate \
	  --python-version 3.11 pyproject.toml --extra local --group build --group test --constraints scripts/requirements.txt \
	  --output-file tests/requirements.txt
	uv pip compile --quiet --no-config --universal --generate-hashes --no-header --no-annotate \
	  --python-version 3.13 --group lambda --constraints scripts/requirements.txt --output-file lambdas/requirements.txt
	uv pip compile --quiet --no-config --universal --generate-hashes --no-header --no-annotate \
	  --python-version 3.13 --group ffmpeg --constraints scripts/requirements.txt \
	  --output-file tasks/node-red/ffmpeg-requirements.txt
	uv pip compile --quiet --no-config --universal --generate-hashes --no-header --no-annotate \
	  --python-version 3.13 --group elastic-setup --constraints scripts/requirements.txt \
	  --output-file logstash/setup/requirements.txt

clean:
	rm -rf $(VENV) build tasks/node-red/node_modules tasks/node-red/dynamorse/node_modules tests/node_modules
	rm -rf tools/screenshots/node_modules scripts/local_cloud/charts/node_modules
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis
