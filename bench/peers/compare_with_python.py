"""Compares the C++ peers with a Python program that times quark0/darts itself.

usage: python3 -m bench.peers.compare_with_python --python='COMMAND' [--channels=8] [--cells=5]
           [--batch=16] [--threads=2] [--rounds=3] [--limit=0.1]

COMMAND is a program outside this repository that takes --C, --L, --B, --threads, --mode eager|cl
and --iters, and whose last line of output that is JSON has "step_min": seconds of one alpha step
plus one weight step, the fastest of each. Both programs run in turn, `rounds` times, and the
fastest round of each counts. Exits with 1 where they differ by more than `limit`, a share.
Run at the root of the repository, behind `./bazelw build //bench:search_step`, on a machine that
does nothing else.
"""

import argparse
import json
import shlex
import subprocess
import sys

# This repository's peer, the Python program's mode.
LAYOUTS = [("nchw", "eager"), ("channels_last", "cl")]


def last_json(text):
    for line in reversed(text.splitlines()):
        if line.startswith("{"):
            return json.loads(line)
    raise ValueError("no line of JSON was printed")


def run(command):
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return last_json(done.stdout)


def seconds_of_peer(options, peer):
    """The fastest alpha half and the fastest weight half would need every step's times; the
    fastest step is at most noise above their sum."""
    sizes = {
        "channels": options.channels,
        "cells": options.cells,
        "batch": options.batch,
        "threads": options.threads,
        "repetitions": options.iterations,
    }
    flags = [f"--{name}={value}" for name, value in sizes.items()]
    summary = run([options.binary, *flags, f"--peers={peer}", "--engine=", "--error_seeds=0"])
    return summary["programs"][0]["seconds"]


def seconds_of_python(options, mode):
    sizes = {
        "C": options.channels,
        "L": options.cells,
        "B": options.batch,
        "threads": options.threads,
        "iters": options.iterations,
    }
    flags = [f"--{name}={value}" for name, value in sizes.items()]
    return run([*shlex.split(options.python), *flags, "--mode", mode])["step_min"]


def parse(arguments):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--python", required=True, help="the Python program that times a step")
    parser.add_argument("--binary", default="bazel-bin/bench/search_step")
    parser.add_argument("--channels", type=int, default=8)
    parser.add_argument("--cells", type=int, default=5)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--iterations", type=int, default=6)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--limit", type=float, default=0.1)
    return parser.parse_args(arguments)


def main(arguments):
    options = parse(arguments)
    apart = 0
    for peer, mode in LAYOUTS:
        ours, theirs = [], []
        for _ in range(options.rounds):
            ours.append(seconds_of_peer(options, peer))
            theirs.append(seconds_of_python(options, mode))
        ratio = min(ours) / min(theirs)
        within = abs(ratio - 1) <= options.limit
        apart += not within
        print(
            f"{peer}: C++ {min(ours):.3f} s, Python {min(theirs):.3f} s, ratio {ratio:.3f}: "
            f"{'within' if within else 'NOT within'} {100 * options.limit:g} %",
            flush=True,
        )
    return 1 if apart else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
