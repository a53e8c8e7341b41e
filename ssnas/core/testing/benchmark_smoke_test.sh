#!/bin/sh
# Arguments are pairs of a filter and a benchmark: each benchmark's cases by that filter are right and print times.
set -eu
while [ $# -gt 0 ]; do
  output="$("$2" "--benchmark_filter=$1" --benchmark_min_time=0.001 2>&1)"
  case "$output" in
    *"ERROR OCCURRED"*) echo "$2: $output" >&2; exit 1 ;;
    *" ms "*) ;;
    *) echo "$2 timed nothing by '$1': $output" >&2; exit 1 ;;
  esac
  shift 2
done
