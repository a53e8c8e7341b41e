#!/bin/sh
# //tools:search, :pretrain and :evaluate: the experiments' program, ending after that kind of stage.
name="$(basename "$0")"
for folder in "$0.runfiles" "$(readlink -f "$0").runfiles" "${RUNFILES_DIR:-}"; do
  if [ -n "$folder" ] && [ -x "$folder/ssnas/tools/ssnas" ]; then
    RUNFILES_DIR="$(cd "$folder" && pwd)"
    export RUNFILES_DIR OMP_WAIT_POLICY="${OMP_WAIT_POLICY:-passive}"
    export SSNAS_EXAMPLE_COMMAND="./bazelw run //tools:$name --"
    exec "$RUNFILES_DIR/ssnas/tools/ssnas" "--until=$name" "$@"
  fi
done
echo "$0: its files are gone. Build it again: ./bazelw build //tools:$name" >&2
exit 1
