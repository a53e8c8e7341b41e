#!/bin/bash
# The launcher that ssnas_experiment makes finds its files however it is called, and passes on what it was given.
set -u

failures=0
launcher="$PWD/tools/build/testdata/experiment"

expect() {  # what, wanted, got
  if [[ "$3" != "$2" ]]; then
    printf 'FAILED: %s\n  wanted: %q\n  got:    %q\n' "$1" "$2" "$3"
    failures=$((failures + 1))
  fi
}

wanted() {  # working folder
  printf '%s\n[--spec=%s]\n[--seed=2]\n[two words]' "$1" "$(readlink -f tools/build/testdata/experiment.textproto)"
}

expect "by its path, from its own folder" "$(wanted "$PWD")" \
  "$(tools/build/testdata/experiment --seed=2 "two words")"
expect "from another folder" "$(wanted /)" "$(cd / && "$launcher" --seed=2 "two words")"

# As `bazel build` leaves it: the launcher, and its runfiles beside it.
built="$TEST_TMPDIR/built"
mkdir -p "$built"
cp "$(readlink -f "$launcher")" "$built/experiment"
ln -s "${TEST_SRCDIR:?}" "$built/experiment.runfiles"
expect "with a runfiles folder of its own" "$(wanted "$built")" \
  "$(cd "$built" && unset RUNFILES_DIR && ./experiment --seed=2 "two words")"
ln -s "$built/experiment" "$TEST_TMPDIR/link"
expect "through a link" "$(wanted "$PWD")" "$(unset RUNFILES_DIR; "$TEST_TMPDIR/link" --seed=2 "two words")"

rm "$built/experiment.runfiles"
message="$(unset RUNFILES_DIR; "$built/experiment" 2>&1)"
expect "exit code when its files are gone" 1 "$?"
[[ "$message" == *"./bazelw build //tools/build/testdata:experiment"* ]]
expect "a message that says what to do" 0 "$?"

exit "$((failures > 0))"
