# Every task is one target; only Python 3.11.5+, pip and make are needed to start.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
WORKERS ?= 2
# In the order of the files, not of how many tests they have: the long ones (kill sweeps, one test
# in a file) come first, so that no worker stands idle at the end.
IN_ORDER := -n $(WORKERS) --dist loadfile --no-loadscope-reorder

.PHONY: crash-test fault-test scale-test drill-restore drill-ransom drill-portal interop-tus bench-upload interop interop-wss bench-sign bench-month-end bench-split seal-chaos acceptance-hsm fuzz test-hostile bench-validate differential help setup demo test lint types contracts pytest coverage deps conformance acceptance-real reference clean

help:
	@echo "make demo             two months of a sample company, from database to archive (sandbox; SEAL=pkcs11-ec)"
	@echo "make test             lint, types, import contracts, all tests"
	@echo "make coverage         all tests, with the lines that none of them reaches"
	@echo "make conformance      our verdicts against the official engine's (CASES=DIR, KINDS=Y,K,YB,KB)"
	@echo "make differential     our rules against Saxon on documents changed at random (N=5000, SEED=1, KEEP=DIR)"
	@echo "make fuzz             hostile input for whatever reads documents (SECONDS=600, WORKERS=2, PLANT=1)"
	@echo "make test-hostile     hostile documents up to 1 GB, with their time and memory"
	@echo "make bench-validate   speed and memory of validation (LINES=100000,1000000; OFFICIAL=PACKAGE adds Saxon)"
	@echo "make interop-wss      our messages to GİB before libxmlsec, WSS4J and the sandbox (tokens, keys, operations)"
	@echo "make bench-sign       signing and verifying 200 MB against SHA-256, copy and fsync (SIZE_MB=200)"
	@echo "make bench-month-end  a whole month end against a naive peer and the machine's limit (LINES=100000,1000000,5000000)"
	@echo "make bench-split      a journal of 450 MB divided by itself, each part and all together judged (SIZE_MB=450)"
	@echo "make interop          what xmlsec1, the JDK, signxml and xadesjs say of our signatures (SEED=1, KEEP=DIR)"
	@echo "make acceptance-real  INPUT=FILE PERIOD=YYYY-MM OUT=DIR: a month of an İzibiz CSV, closed in the sandbox"
	@echo "make acceptance-hsm   the acceptance suite with the seal in SoftHSM2, RSA-2048 and then P-384"
	@echo "make seal-chaos       kills the PKCS#11 helper at random moments of a month end (KILLS=50, SEED=1)"
	@echo "make crash-test       kills a month end at every effect and at random instants (KILLS=1000, SEED=1)"
	@echo "make fault-test       a month end under every fault of GİB and portal, alone and combined (COMBINATIONS=500, SEED=1)"
	@echo "make scale-test       900 company-months through four workers on PostgreSQL, killed at random (COMPANIES=300, SEED=1)"
	@echo "make drill-restore    36 months of archive rebuilt from the portal on an empty disk (MONTHS=36)"
	@echo "make drill-ransom     a tenth of the archive encrypted or deleted, named and brought back (MONTHS=36, SEED=1)"
	@echo "make drill-portal     a portal that loses, flips, omits, forges or forks is caught by name (ROUNDS=10, SEED=1)"
	@echo "make interop-tus      uploads to the tus server of npm and to the sandbox, cut 50 times (MIB=700, CUTS=50, SEED=1)"
	@echo "make bench-upload     one GiB to the sandbox portal by TLS against curl (MIB=1024)"
	@echo "make deps             system packages that some tests want (Debian, root)"

# As pip compiles what it installs: else each of our many processes compiles it anew where Python may
# not write beside the sources (PYTHONDONTWRITEBYTECODE, a read-only folder).
setup: $(READY)
	@$(BIN)/python -m compileall -q edefter benchmarks

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11.5 or newer is needed, this is " + sys.version.split()[0]) if sys.version_info < (3, 11, 5) else None'
	@test -d $(VENV) || $(PYTHON) -m venv $(VENV)
	@echo "installing edefter and its tools into $(VENV) …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@

demo: setup
	@$(BIN)/python -m edefter.sandbox.demo --out demo-output $(if $(SEAL),--seal $(SEAL))

test: lint types contracts pytest

lint: setup
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: setup
	@$(BIN)/mypy

contracts: setup
	@$(BIN)/lint-imports

pytest: setup
	@$(BIN)/python -m pytest $(IN_ORDER) --durations=25 -q

# Apart: tracing every process of the acceptance tests makes them half as long again.
coverage: setup
	@$(BIN)/python -m pytest $(IN_ORDER) --cov=edefter --cov-report=term:skip-covered -q

conformance: setup
	@$(BIN)/python -m benchmarks.conformance $(if $(CASES),--cases $(CASES)) $(if $(KINDS),--kinds $(KINDS))

differential: setup
	@$(BIN)/python -m benchmarks.differential $(if $(N),--documents $(N)) $(if $(SEED),--seed $(SEED)) $(if $(KEEP),--keep $(KEEP))

fuzz: setup
	@$(BIN)/python -m benchmarks.fuzz --seconds $(or $(SECONDS),600) --workers $(WORKERS) \
		$(if $(SEED),--seed $(SEED)) $(if $(PLANT),--plant)

test-hostile: setup
	@$(BIN)/python -m pytest -q -s tests/integration/validation/test_hostile.py tests/integration/validation/giants.py

bench-validate: setup
	@$(BIN)/python -m benchmarks.bench_validate $(if $(LINES),--lines $(LINES)) $(if $(OFFICIAL),--official $(OFFICIAL))

bench-split: setup
	@$(BIN)/python -m benchmarks.bench_split $(if $(SIZE_MB),--size-mb $(SIZE_MB))

bench-month-end: setup
	@$(BIN)/python -m benchmarks.bench_month_end $(if $(LINES),--lines $(LINES))

bench-sign: setup
	@$(BIN)/python -m benchmarks.bench_sign $(if $(SIZE_MB),--size-mb $(SIZE_MB))

interop-wss: setup
	@$(BIN)/python -m benchmarks.interop_wss

interop: setup
	@$(BIN)/python -m benchmarks.interop $(if $(SEED),--seed $(SEED)) $(if $(KEEP),--keep $(KEEP))

acceptance-real: setup
	@test -n "$(INPUT)" -a -n "$(PERIOD)" -a -n "$(OUT)" || { echo "usage: make acceptance-real INPUT=FILE PERIOD=YYYY-MM OUT=DIR"; exit 2; }
	@$(BIN)/python -m benchmarks.acceptance_real --input "$(INPUT)" --period "$(PERIOD)" --out "$(OUT)"

acceptance-hsm: setup
	@for seal in pkcs11-rsa pkcs11-ec; do \
		echo "acceptance suite with $$seal"; \
		EDEFTER_SANDBOX_SEAL=$$seal $(BIN)/python -m pytest -q $(IN_ORDER) tests/acceptance || exit 1; \
	done

crash-test: setup
	@$(BIN)/python -m benchmarks.crash_test $(if $(KILLS),--kills $(KILLS)) $(if $(SEED),--seed $(SEED))

fault-test: setup
	@$(BIN)/python -m benchmarks.fault_test $(if $(COMBINATIONS),--combinations $(COMBINATIONS)) $(if $(SEED),--seed $(SEED)) $(if $(ONLY),--only "$(ONLY)")

bench-upload: setup
	@$(BIN)/python -m benchmarks.tus.speed $(if $(MIB),--mib $(MIB))

interop-tus: setup
	@$(BIN)/python -m benchmarks.tus $(if $(MIB),--mib $(MIB)) $(if $(CUTS),--cuts $(CUTS)) $(if $(SEED),--seed $(SEED))

drill-restore: setup
	@$(BIN)/python -m benchmarks.drills.restore $(if $(MONTHS),--months $(MONTHS))

drill-ransom: setup
	@$(BIN)/python -m benchmarks.drills.ransom $(if $(MONTHS),--months $(MONTHS)) $(if $(SEED),--seed $(SEED))

drill-portal: setup
	@$(BIN)/python -m benchmarks.drills.portal $(if $(ROUNDS),--rounds $(ROUNDS)) $(if $(SEED),--seed $(SEED))

scale-test: setup
	@$(BIN)/python -m benchmarks.scale_test $(if $(COMPANIES),--companies $(COMPANIES)) $(if $(SEED),--seed $(SEED))

seal-chaos: setup
	@$(BIN)/python -m benchmarks.seal_chaos $(if $(KILLS),--kills $(KILLS)) $(if $(SEED),--seed $(SEED))

reference: setup
	@$(BIN)/python tools/make_reference.py

deps:
	apt-get update -qq
	apt-get install -y -qq --no-install-recommends xmlsec1 default-jdk-headless postgresql mariadb-server \
		chromium poppler-utils openssl softhsm2 opensc opensc-pkcs11 gcc libc6-dev libwss4j-java systemd \
		openssh-server age radosgw ceph-mon ceph-osd ceph-common
	sh tools/start_databases.sh

clean:
	rm -rf $(VENV) demo-output fuzz-output .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .coverage
