# make setup       what the app needs: system packages (where they may be installed), .venv, Python packages
# make app         setup, then serve http://127.0.0.1:7860
# make test        setup, what the tests need, then all tests
# make lint        ruff
# make screenshot  assets/screenshot.png, from the real app
# All are safe to repeat: packages are installed again only when their list has changed.

PYTHON := .venv/bin/python
PIP := $(PYTHON) -m pip install -q --disable-pip-version-check
DONE := .venv/done
AS_ROOT := $(shell [ "$$(id -u)" = 0 ] || command -v sudo)

.PHONY: setup app test lint screenshot

setup: $(DONE)-system $(DONE)-python

app: setup
	$(PYTHON) app.py

test: setup $(DONE)-chromium $(DONE)-dev
	$(PYTHON) -m pytest

lint: $(DONE)-dev
	$(PYTHON) -m ruff check .

screenshot: setup $(DONE)-chromium $(DONE)-dev
	$(PYTHON) assets/screenshot.py

# $(call packages,names,what is lost without them): installs what is missing; where that is not possible it says so in
# one sentence and the rest goes on.
define packages
@missing=""; \
for name in $(1); do \
	dpkg-query -W -f='$${Status}' $$name 2>/dev/null | grep -q 'ok installed' || missing="$$missing $$name"; \
done; \
if [ -z "$$missing" ] || { $(AS_ROOT) apt-get update -q && \
	$(AS_ROOT) env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $$missing; }; \
then touch $@; \
else echo "Could not install$$missing, so $(2); get it with: sudo apt-get install$$missing" >&2; fi
endef

# Python 3.11 or newer; Debian and Ubuntu keep venv apart from Python, and the newer ones have no 3.11.
$(PYTHON):
	@for python in python3.11 python3 none; do \
		"$$python" -c 'import sys, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && break; \
	done; \
	if [ $$python = none ]; then \
		$(AS_ROOT) apt-get update -q; \
		if $(AS_ROOT) apt-get install -y -q python3.11-venv; then python=python3.11; \
		elif $(AS_ROOT) apt-get install -y -q python3-venv; then python=python3; fi; \
	fi; \
	"$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' && "$$python" -m venv .venv || { rm -rf .venv; \
		echo "Composer Zoo needs Python 3.11 or newer with venv; get it with: sudo apt-get install python3-venv" >&2; \
		exit 1; }

$(DONE)-system: packages.txt | $(PYTHON)
	$(call packages,$(shell cat packages.txt),the app makes no sound or draws no PNG and PDF)

$(DONE)-chromium: | $(PYTHON)
	$(call packages,chromium,the browser tests are skipped)

$(DONE)-python: requirements.txt | $(PYTHON)
	$(PIP) -r requirements.txt
	@touch $@

$(DONE)-dev: requirements-dev.txt $(DONE)-python
	$(PIP) -r requirements-dev.txt
	@touch $@
