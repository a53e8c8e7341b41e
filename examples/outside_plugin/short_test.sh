#!/bin/sh
# Runs the short search, as `./bazelw run //:short` does, to its cell and its report.
set -eu
run="$TEST_TMPDIR/run"
"$1" --output_dir="$run"
for file in architecture.textproto report.html results.json; do
  [ -s "$run/$file" ] || { echo "There is no $file." >&2; exit 1; }
done
# The program lists our plugins beside its own.
"$1" --list_plugins >"$TEST_TMPDIR/plugins"
for name in bottleneck_3x3 cosine_target shuffle_conv solarize stripes; do
  grep " $name " "$TEST_TMPDIR/plugins"
  grep -q "\"$name\"" "$run/spec.textproto"
done
