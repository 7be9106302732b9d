# Every check has one name, here. The documents, .ci/run and the workflows call only these.
# A fresh machine needs Python 3.11 or later, a Rust toolchain and make; the rest is made in .venv.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PEERS := .venv-peers
IMPORTS := .venv-imports
STORES := .venv-stores
ENGINES := .venv-engines
BENCHES := --manifest-path benches/rust/Cargo.toml --target-dir target/benches
# In CI the committed Cargo.lock is what is built, or nothing.
LOCKED := $(if $(CI),--locked)
RUST := $(shell find rust \( -name target -o -name fuzz \) -prune -o \( -name '*.rs' -o -name Cargo.toml \) -print) \
        $(wildcard Cargo.toml Cargo.lock)

export PYO3_PYTHON := $(CURDIR)/$(BIN)/python
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.PHONY: help build demo man test test-rust test-python test-long test-slow-disk test-imports test-readers test-profile \
        differential coverage bench instructions instructions-record bench-peers bench-workers test-stores bench-stores \
        stores-server test-engines bench-engines bench-programs bench-score slow-disk bench-imports report-shots fuzz \
        mutants lint lint-rust lint-python need clean

help:
	@echo 'make demo           build, then anonymize the sample files that pydicom ships, in a temporary folder'
	@echo 'make test           build, then run the tests, Rust and Python; those below are of things that take longer'
	@echo 'make test-long      runs that are killed and stopped at any moment; the memory and the time that a file may take'
	@echo 'make test-slow-disk what is tested on a file system that answers late; Linux, as root or with fusermount3'
	@echo 'make test-imports   the import pipelines of examples, each against the real thing: Orthanc, dcmtk, torch where they are'
	@echo 'make test-stores    object stores, against servers over loopback; make stores-server builds the second of them'
	@echo 'make test-profile   the Basic Profile: each row at every depth, each option on all files at hand; the score card'
	@echo 'make test-readers   results of each level: dciodvfy finds no new kinds of errors, and readers read what they read before'
	@echo 'make lint           formatting, clippy, ruff, types, the stub, the generated dictionary, the order of modules'
	@echo 'make build          only build: the module goes into .venv, then .venv/bin/dicomblank --help'
	@echo 'make differential   read 20,000 generated and damaged files with pydicom too, and compare; look for planted'
	@echo '                    values with pydicom, dcmdump and gdcmdump; SEED= CASES= or one CASE=; MINUTES='
	@echo 'make fuzz           four fuzz targets, SECONDS=60 each; needs cargo-fuzz'
	@echo 'make mutants        one deliberate fault after the other: does a test fail? hours, or FILES=; needs cargo-mutants'
	@echo 'make coverage       the lines of rust/core that no test runs; needs llvm-profdata and llvm-cov'
	@echo 'make instructions   count the instructions of the core, and compare; needs valgrind'
	@echo 'make bench          speed beside a pydicom loop; what looking costs; the walker; keyed values; instructions of the core'
	@echo 'make bench-peers    the same jobs by other programs, side by side; 35 minutes, or OPTIONS=--quick'
	@echo 'make bench-score    a card like that of MIDI-B for each level and each peer, on invented patients; a few minutes'
	@echo 'make bench-workers  the default number of workers beside fixed ones, warm, late and (as root) cold; 40 minutes'
	@echo 'make bench-imports  one instance in each import pipeline, with and without blanking; some 10 minutes'
	@echo 'make bench-stores   copies between buckets beside a plain obstore loop, on s3s-fs and moto; 10 minutes'
	@echo 'make test-engines   runs over shards on Ray and Spark, in a venv of their own; Spark needs Java 17'
	@echo 'make bench-engines  the same runs beside one without an engine; 10 minutes, or OPTIONS=--quick'
	@echo 'make report-shots   pictures of the page of a report, at three widths and printed: target/report-shots; needs chromium'
	@echo 'make man            the man page, made from the command: target/dicomblank.1'
	@echo 'make clean          remove .venv and everything built'
	@echo
	@echo 'Each makes what it needs first. Another interpreter: make PYTHON=python3.13 test. More: CONTRIBUTING.md'

build: $(VENV)/built

demo: build
	$(BIN)/python tools/demo.py

man: build
	@mkdir -p target
	$(BIN)/python tools/make_man.py > target/dicomblank.1

# The module is built beside the tests of Rust: most of that time it keeps one processor busy.
test: | $(VENV)/installed
	@$(MAKE) --no-print-directory -j 2 test-rust build
	@$(MAKE) --no-print-directory test-python

test-rust: $(VENV)/installed
	cargo test --workspace $(LOCKED)

# Two tests at a time: most of them wait for other programs.
test-python: build
	$(BIN)/python -m pytest -n 2

# Not a part of test: what is stopped at any moment, and what memory and time a file may take, asks for minutes.
test-long: build
	$(BIN)/python -m pytest -n 2 tests/long

# Not a part of test: to build that file system takes more than a minute, and how many files are in flight is shown only
# where no other test has the processors.
test-slow-disk: build slow-disk
	$(BIN)/python -m pytest tests/late

# Not a part of test: it takes packages of its own. What is missing of the system's is said, and skipped.
test-imports: build $(IMPORTS)/installed
	@sh tools/need.sh --imports || true
	PYTHONPATH=python $(IMPORTS)/bin/python -m pytest -n 2 tests/imports

# Not a part of test: all files at hand, at every level, with programs that take a process for each. Those that are missing
# are said, and their tests skipped.
test-readers: build
	@sh tools/need.sh --readers || true
	@sh tools/need.sh --iods || true
	$(BIN)/python -m pytest -n 2 tests/others --timeout=600

# Not a part of test: the profile has 657 rows, which are made in each syntax and compared by a checker of their own.
test-profile: build
	$(BIN)/python -m pytest -n 2 tests/profile --timeout=600

# What `make test` does with 2,000 files, and others each time that SEED is another. Readers that are missing are skipped.
differential: build
	@sh tools/need.sh --readers || true
	DICOMBLANK_SEED='$(SEED)' DICOMBLANK_CASES='$(or $(CASES),20000)' DICOMBLANK_CASE='$(CASE)' DICOMBLANK_MINUTES='$(MINUTES)' \
		$(BIN)/python -m pytest tests/test_differential.py tests/test_planted.py

coverage: $(VENV)/installed
	@sh tools/coverage.sh $(BIN)/python

bench: build
	$(BIN)/python -m pytest benches --timeout=900
	cargo bench --bench walk --bench pseudonym $(BENCHES) $(LOCKED)
	@$(MAKE) --no-print-directory instructions

# Instructions of the core: a rise of more than 3 % fails, where the tools are those of benches/instructions.toml.
instructions: build
	$(BIN)/python benches/instructions.py

instructions-record: build
	$(BIN)/python benches/instructions.py --record

# Whole programs side by side, on files made for it; see benches/peers. OPTIONS=--help tells what can be chosen.
bench-peers: build bench-programs $(PEERS)/installed
	$(PEERS)/bin/python -m benches.peers $(OPTIONS)

# Not speed, but what is removed and what stays; see benches/score. OPTIONS=--help tells what can be chosen.
bench-score: build $(PEERS)/installed
	@sh tools/need.sh --iods || true
	$(PEERS)/bin/python -m benches.score $(OPTIONS)

bench-workers: build slow-disk
	$(BIN)/python -m pytest benches/workers.py --timeout=3600

# What needs obstore, boto3 and a server: not a part of test. Without s3s-fs those tests that need it are skipped.
test-stores: build $(STORES)/installed
	PYTHONPATH=python $(STORES)/bin/python -m pytest tests/stores -n 2 --timeout=600

bench-stores: build $(STORES)/installed stores-server
	PYTHONPATH=python $(STORES)/bin/python -m benches.stores

# The second server, of a version that the oldest toolchain can build: ten minutes.
stores-server: target/s3s/bin/s3s-fs

target/s3s/bin/s3s-fs:
	cargo install s3s-fs --version 0.14.1 --features binary --locked --root target/s3s --target-dir target/s3s/build

# Not a part of test: the engines are large, and start slowly.
test-engines: build $(ENGINES)/installed
	@sh tools/need.sh --java || true
	$(ENGINES)/bin/python -m pytest tests/engines

bench-engines: build $(ENGINES)/installed
	@sh tools/need.sh --java
	$(ENGINES)/bin/python -m benches.engines $(OPTIONS)

# Built only where they are needed.
bench-programs: $(VENV)/installed
	cargo build --release --bins $(BENCHES) $(LOCKED)

# The file system that answers late, for those who measure or test with it.
slow-disk: $(VENV)/installed
	cargo build --release --bin slow_disk $(BENCHES) $(LOCKED)

bench-imports: build $(IMPORTS)/installed
	@sh tools/need.sh --imports
	PYTHONPATH=python:tests:examples $(IMPORTS)/bin/python -m benches.imports $(OPTIONS)

report-shots: build
	$(BIN)/python tools/report_shots.py

# Not a part of test: it takes as long as it is given.
fuzz: SECONDS ?= 60
fuzz: $(VENV)/installed
	@sh tools/fuzz.sh '$(SECONDS)' $(BIN)/python

# Not a part of test: some 2,100 faults, each of which is built and tested.
mutants: $(VENV)/installed
	@sh tools/mutants.sh $(BIN)/python '$(FILES)'

lint: lint-rust lint-python

lint-rust: $(VENV)/installed
	@sh tools/need.sh --lint
	cargo fmt --all --check
	cargo fmt --manifest-path rust/fuzz/Cargo.toml --check
	cargo fmt --manifest-path benches/rust/Cargo.toml --check
	cargo clippy --workspace --all-targets $(LOCKED) -- -D warnings
	cargo clippy --lib --bins $(BENCHES) $(LOCKED) -- -D warnings

lint-python: build
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/python -m mypy
	$(BIN)/python -m mypy.stubtest dicomblank._core
	$(BIN)/python tools/generate_dictionary.py --check
	$(BIN)/python tools/generate_creators.py --check
	$(BIN)/python tools/check_modules.py

need:
	@sh tools/need.sh '$(PYTHON)'

clean:
	rm -rf $(VENV) $(PEERS) $(IMPORTS) $(ENGINES) $(STORES) target dist python/dicomblank/*.so

# The stamps are touched last: what was cut short is done again.
$(VENV)/installed: requirements-dev.txt | need
	'$(PYTHON)' -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --requirement requirements-dev.txt
	@touch $@

$(PEERS)/installed: benches/peers/requirements.txt | need
	'$(PYTHON)' -m venv $(PEERS)
	$(PEERS)/bin/python -m pip install --quiet --requirement $<
	@touch $@

$(IMPORTS)/installed: examples/requirements.txt | need
	'$(PYTHON)' -m venv $(IMPORTS)
	$(IMPORTS)/bin/python -m pip install --quiet --requirement $<

$(STORES)/installed: requirements-stores.txt | need
	'$(PYTHON)' -m venv $(STORES)
	$(STORES)/bin/python -m pip install --quiet --requirement $<

# The module is that of this folder, as in .venv: also for the processes that an engine starts.
$(ENGINES)/installed: tests/engines/requirements.txt | need
	'$(PYTHON)' -m venv $(ENGINES)
	$(ENGINES)/bin/python -m pip install --quiet --requirement $<
	$(ENGINES)/bin/python -c 'import sysconfig; print("$(CURDIR)/python", file=open(sysconfig.get_path("purelib") + "/dicomblank.pth", "w"))'
	@touch $@

$(VENV)/built: $(VENV)/installed $(RUST) pyproject.toml
	VIRTUAL_ENV='$(CURDIR)/$(VENV)' $(BIN)/maturin develop --release $(LOCKED)
	@touch $@
