#!/bin/sh
# Runs a module from a test's runfiles, where the tests begin: see python.bzl. -B: writes no bytecode beside sources.
exec python3 -B -m "$@"
