#!/bin/sh
# Runs {LABEL}: made by //tools/build:experiment.bzl. Works under `bazel run` and when called by its path; the
# working folder stays what it was.
runfiles=
real="$(readlink -f "$0")"
for candidate in "$0.runfiles" "$real.runfiles" "${RUNFILES_DIR:-}" "${0%.runfiles/*}.runfiles"; do
  if [ -n "$candidate" ] && [ -e "$candidate/{BINARY}" ] && [ -e "$candidate/{SPEC}" ]; then
    runfiles="$(cd "$candidate" && pwd)"
    break
  fi
done
if [ -z "$runfiles" ]; then
  echo "$0: its files are gone ($real.runfiles). Build it again: ./bazelw build {LABEL}" >&2
  exit 1
fi
# The binary finds its own data there too.
export RUNFILES_DIR="$runfiles"
# Threads of libtorch that wait should sleep: where other programs want the cores too, spinning ones made a step
# twenty times slower (docs/decisions/0005-waiting-threads.md).
export OMP_WAIT_POLICY="${OMP_WAIT_POLICY:-passive}"
# How the user called this, for messages that say what to type next.
export SSNAS_EXAMPLE_COMMAND="./bazelw run {LABEL} --"
# The spec's real path, so that a message about a line in it names the file that one can edit.
exec "$runfiles/{BINARY}" --spec="$(readlink -f "$runfiles/{SPEC}")" "$@"
