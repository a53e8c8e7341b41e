#!/bin/sh
# Prints how it was called: the working folder, then each argument.
pwd
for argument in "$@"; do
  echo "[$argument]"
done
