# The front door. Two commands are all that a newcomer needs: `make demo` and `make test`.
.DEFAULT_GOAL := help
.PHONY: help demo test bench build bootstrap lint format docs clean

help: ## This list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: bootstrap build ## Install what is missing, build, run the whole road with live figures (Ctrl-C stops it)
	@dev/demo

test: bootstrap ## Install what is missing, then everything that CI checks
	@dev/check

bench: bootstrap ## Figures of the whole connector beside the same road written with other libraries
	@dev/bench

build: ## Build everything (debug; CONFIGURATION=release for the optimised programs)
	@dev/build

bootstrap: ## Install the Debian and PyPI packages that building, running and testing need
	@dev/bootstrap

lint: ## Check the form of the source text
	@dev/check format shell python

format: ## Put the source text into form
	@swift format --in-place --parallel --recursive Package.swift Sources Tests

docs: ## Reference pages of the protocol libraries
	@dev/docs

clean: ## Remove the build products and what demo runs left
	@dev/clean
