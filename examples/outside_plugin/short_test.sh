#!/bin/sh
# Runs the short search, as `./bazelw run //:short` does, to its cell and its report.
set -eu
run="$TEST_TMPDIR/run"
"$1" --output_dir="$run"
grep -q 'bottleneck_3x3' "$run/spec.textproto"
for file in architecture.textproto report.html results.json; do
  [ -s "$run/$file" ] || { echo "There is no $file." >&2; exit 1; }
done
"$1" --list_plugins | grep -E '^(operation|objective|dataset|augmentation) +(bottleneck_3x3|cosine_target|stripes|solarize) ' | tee "$TEST_TMPDIR/plugins"
[ "$(wc -l <"$TEST_TMPDIR/plugins")" = 4 ]
