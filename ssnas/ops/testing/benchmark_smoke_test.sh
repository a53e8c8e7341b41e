#!/bin/sh
# Each benchmark given as an argument runs its smallest cases, is right and prints times.
set -eu
for benchmark in "$@"; do
  output="$("$benchmark" --benchmark_filter=batch1_ --benchmark_min_time=0.001 2>&1)"
  case "$output" in
    *"ERROR OCCURRED"*) echo "$benchmark: $output" >&2; exit 1 ;;
    */step/batch1_*\ ms\ *) ;;
    *) echo "$benchmark timed nothing: $output" >&2; exit 1 ;;
  esac
done
