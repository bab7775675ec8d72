# make run and make test are all that anybody needs; `make help` lists the rest.
.DEFAULT_GOAL := help
.PHONY: help run test bench setup setup-dev lint lock clean

# The Python that makes the environments; empty: the first of these that is new enough.
PYTHON ?=
pythons = $(or $(PYTHON),python3.11 python3.12 python3.13 python3.14 python3 python)
new_enough = sys.exit(sys.version_info < (3, 11))
no_python = $(if $(PYTHON),$(PYTHON) is not Python 3.11 or newer,Python 3.11 or newer was not found)

# One that can make environments goes before one that cannot; set-up says what the latter lacks.
define set_up
@for imports in sys,venv,ensurepip sys; do for python in $(pythons); do \
  "$$python" -c "import $$imports; $(new_enough)" 2>/dev/null && exec "$$python" -m motcua.bootstrap $(1); \
done; done; \
echo "motcua: $(no_python): install it and run the same command again, or name it: make $@ PYTHON=/path/to/python3.11" >&2; \
exit 2
endef

run: ## set up what is missing, then start everything; Ctrl-C stops it
	$(call set_up)
	@exec .venv/bin/motcua run

test: setup-dev ## set up what is missing, then check and test everything (ARGS="-k words" for pytest)
	@.venv/bin/motcua prepare
	@.venv/bin/python -m motcua.checks -- $(ARGS)

bench: setup ## measure speed and quality
	@.venv/bin/motcua bench

setup: ## make or bring up to date both Python environments
	$(call set_up)

setup-dev:
	$(call set_up,--dev)

lint: setup-dev ## style, types and import directions only
	@.venv/bin/python -m motcua.checks --lint

lock: setup-dev ## write requirements/*.lock from what .venv holds
	@.venv/bin/python -m motcua.locks

clean: ## delete environments, caches and builds; var/ (your data) stays
	rm -rf .venv bot/.venv build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -not -path './var/*' -prune -exec rm -rf {} +

help: ## this list
	@echo "Motcua: make run starts the assistant at http://localhost:8080, make test checks everything."
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
