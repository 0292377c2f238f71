SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

# Everything runs under the Node version in .node-version, which scripts/with-node installs once into the cache.
node := scripts/with-node

help: ## What can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{ printf "  make %-14s %s\n", $$1, $$2 }'

# The libraries of the lock file, again whenever it changed. Not `npm ci`: it refuses a lock without the binaries of
# other systems, which not every registry serves.
node_modules/.installed: package-lock.json .node-version
	@$(node) npm install --no-save --no-audit --no-fund --loglevel=error
	@touch $@

lab: node_modules/.installed ## A real one-node Kubernetes with storage, registry and object stores (20 min the first time)
	@$(node) node lab/main.ts up

platform: node_modules/.installed ## The lab, and the AI platform of the walkthrough in it
	@$(node) node lab/main.ts platform

lab-status: node_modules/.installed ## What of the lab runs
	@$(node) node lab/main.ts status

lab-env: node_modules/.installed ## Shell lines for kubectl: eval "$(make -s lab-env)"
	@$(node) node lab/main.ts env

lab-down: node_modules/.installed ## Stop the lab, keep its state; PURGE=1 deletes that too
	@PURGE=$(PURGE) $(node) node lab/main.ts down

lab-reset: node_modules/.installed ## A fresh, empty cluster; the backup target is kept
	@$(node) node lab/main.ts reset

demo: node_modules/.installed ## The whole walkthrough; DISASTER=namespaces (default), workload or cluster
	@DISASTER=$(DISASTER) $(node) node lab/demo/main.ts

cli: node_modules/.installed ## The command line: bin/holdfast for this checkout, dist/holdfast.cjs as one file for anywhere
	@$(node) node scripts/bundle.ts

bench-restore: node_modules/.installed ## Velero and Holdfast on one API server (25 min); ARGS="--objects 4000" for less
	@$(node) node bench/restore/main.ts $(ARGS)

unit: node_modules/.installed ## Types, lint, arrows, generated files, unit tests: seconds
	@$(node) node tests/run.ts --unit

test: node_modules/.installed ## Everything, on a real lab; the last line is "N passed, N failed"
	@$(node) node tests/run.ts

.PHONY: bench-restore cli demo unit test help lab platform lab-status lab-env lab-down lab-reset
