# What one types. `make` alone lists it.
#
# Recipes are one line where they can be; what is longer lives in .ci/ or in a
# program under shared/cmd. Tools come from .tools/, put there by .ci/tools.sh at
# the versions in .ci/pins.sh; a target fetches only those that it needs.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

# What `make run` listens to, by its environment. An undefined one stays unset.
export PORT SEED STORE GOOGLE_CLIENT_ID GOOGLE_CLIENT_SECRET GOOGLE_AUTH_URL GOOGLE_TOKEN_URL GOOGLE_REVOKE_URL GOOGLE_ISSUERS GOOGLE_CALENDAR_URL

# Which machine `make build` builds for: Lambda's, or amd64 for the emulator.
ARCH ?= arm64

##@ Every day

.PHONY: run
run: ## start everything on this machine (PORT=8080, SEED=my.ics, STORE=memory, GOOGLE_CLIENT_ID=… GOOGLE_CLIENT_SECRET=…)
ifeq ($(STORE),memory)
	@.ci/tools.sh go
else
	@.ci/tools.sh go dynamodb || { echo "Without DynamoDB Local: make run STORE=memory" >&2; exit 1; }
endif
	@go build -o .artifacts/local ./shared/cmd/local
	@exec .artifacts/local

.PHONY: reset
reset: ## forget the local run's data
	@rm -rf .local

.PHONY: test
test: tools ## everything that is checked, as CI does (PACKAGES=./shared/dynamo/... TESTFLAGS=-v for a part)
	@.ci/test.sh $(if $(PACKAGES)$(TESTFLAGS),go)

.PHONY: lint
lint: ## format, vet, staticcheck and the scripts, without the tests
	@.ci/tools.sh go staticcheck
	@.ci/test.sh format vet staticcheck scripts

.PHONY: fmt
fmt: ## format the Go files
	@gofmt -w $$(find . -name '.?*' -prune -o -name testdata -prune -o -name '*.go' -print)

##@ Now and then

.PHONY: tools
tools: ## fetch every tool that is missing, pinned, into .tools/
	@.ci/tools.sh all

# Each by itself, without -race; shared/docs/benchmarks.md says what they mean.
.PHONY: bench
bench: ## print the figures that have goals (BENCH=FirstSync for a part); takes minutes
	@.ci/tools.sh go dynamodb
	@go test -run '^$$' -bench '$(or $(BENCH),.)' -benchtime 1x -timeout 30m ./shared/e2e/figures

# -trimpath and no version stamp: the same sources give the same bytes, wherever
# and whenever they are built. CGO_ENABLED=0, or the binary looks for a C library
# that Lambda doesn't have.
.PHONY: build
build: ## build every function's bootstrap into .artifacts/functions/ (ARCH=arm64)
	@.ci/tools.sh go
	@set -e; for main in functions/*/main.go; do \
		name=$$(basename $$(dirname $$main)); \
		CGO_ENABLED=0 GOOS=linux GOARCH=$(ARCH) go build -tags lambda.norpc -trimpath -buildvcs=false -ldflags "-s -w" \
			-o .artifacts/functions/$$name/bootstrap ./functions/$$name; \
		printf '%-18s %5d KiB\n' $$name $$(($$(wc -c <.artifacts/functions/$$name/bootstrap) / 1024)); \
	done

# SAM builds with the Go of PATH, and by go build's own defaults but for these.
.PHONY: sam-build
sam-build: ## lint template.yaml and build it as it is deployed, without a word to AWS
	@.ci/tools.sh go sam
	@.tools/bin/sam validate --lint
	@CGO_ENABLED=0 GOFLAGS="-buildvcs=false -tags=lambda.norpc '-ldflags=-s -w'" .tools/bin/sam build

# .ci/engine.sh finds or starts a Docker engine and makes the containers' base
# image; nothing is pulled.
.PHONY: sam-local
sam-local: ## run the functions in containers, as sam local does, for a look (PORT=3000)
	@.ci/tools.sh go sam dynamodb moto engine
	@go build -o .artifacts/samlocal ./shared/cmd/samlocal
	@PORT=$(or $(PORT),3000) .ci/engine.sh .artifacts/samlocal serve

.PHONY: sam-test
sam-test: ## the same, and see that the main job works in it
	@.ci/tools.sh go sam dynamodb moto engine
	@go build -o .artifacts/samlocal ./shared/cmd/samlocal
	@PORT=0 .ci/engine.sh .artifacts/samlocal check

# GOOGLEAPIS is a folder into which npm installed Node's whole googleapis, to be
# started beside the others.
.PHONY: bench-init
export GOOGLEAPIS
bench-init: ## how long functions take to start, beside the least that they could (GOOGLEAPIS=folder)
	@.ci/tools.sh go google-clients
	@$(MAKE) build ARCH=$$(go env GOARCH) >/dev/null
	@for name in hello clients; do \
		CGO_ENABLED=0 go build -tags lambda.norpc -trimpath -buildvcs=false -ldflags "-s -w" \
			-o .artifacts/functions/$$name/bootstrap ./shared/cmd/benchinit/$$name; \
	done
	@go build -o .artifacts/benchinit ./shared/cmd/benchinit
	@.artifacts/benchinit; code=$$?; rm -rf .artifacts/functions/hello .artifacts/functions/clients; exit $$code

.PHONY: sbom
sbom: build ## list what is linked into the functions, as CycloneDX: .artifacts/sbom.json
	@go run ./shared/cmd/notices -sbom .artifacts/functions/*/bootstrap >.artifacts/sbom.json
	@echo ".artifacts/sbom.json: $$(grep -c '"purl"' .artifacts/sbom.json) components"

.PHONY: notices
notices: build ## write shared/docs/third-party.md: the licences of what is linked
	@go run ./shared/cmd/notices .artifacts/functions/*/bootstrap >.artifacts/third-party.md
	@mv .artifacts/third-party.md shared/docs/third-party.md

# Go's own scanner; its database is asked over the network, where it can be. Where
# it can't, this fails too, and says so: that is no clean bill.
.PHONY: vulnerabilities
vulnerabilities: ## look for known vulnerabilities in what is linked
	@.ci/vulnerabilities.sh

.PHONY: fuzz
fuzz: ## feed hostile input to every fuzz target for a while (FUZZTIME=20s each)
	@.ci/tools.sh go
	@.ci/fuzz.sh $(or $(FUZZTIME),20s)

.PHONY: clean
clean: ## remove what was built; tools and the local run's data stay
	@rm -rf .artifacts .aws-sam

.PHONY: help
help:
	@awk 'BEGIN { FS = ":.*## " } \
		/^##@/ { printf "\n%s\n", substr($$0, 5) } \
		/^[a-z-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
