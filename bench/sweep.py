"""Times the search step around C=16, 5 cells, 32×32, batch 8, one factor at a time.

usage: python3 -m bench.sweep OUTPUT.json [--engine=NAME] [--threads=N] [--repetitions=N] [--again]

Run it at the root of the repository, on a machine that does nothing else; it builds
//bench:search_step first. The file is written after every point, and points that it has already
are left alone unless --again is given. tools/plot_performance.py draws it.
"""

import argparse
import datetime
import json
import os
import subprocess
import sys

CENTRE = {"channels": 16, "cells": 5, "image_size": 32, "batch": 8}
FACTORS = {
    "channels": [8, 16, 32, 64],
    "image_size": [8, 16, 32, 64, 96],
    "batch": [1, 2, 4, 8, 16, 32, 64, 96],
    "cells": [5, 8, 12, 16, 20],
}
# Points that stand by themselves; the first is the one that is spoken of.
NAMED = [
    {"channels": 16, "cells": 8, "image_size": 32, "batch": 32},
    {"channels": 8, "cells": 5, "image_size": 32, "batch": 16},
]
PEERS = ["nchw", "channels_last"]


def points():
    """Every configuration once, in the order of FACTORS."""
    found = []
    for factor, values in FACTORS.items():
        for value in values:
            point = dict(CENTRE, **{factor: value})
            if point not in found:
                found.append(point)
    return found + [point for point in NAMED if point not in found]


def machine():
    facts = {"cpu": "unknown", "cores": os.cpu_count(), "memory_gb": None}
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        for line in file:
            if line.startswith("model name"):
                facts["cpu"] = line.split(":", 1)[1].strip()
                break
    with open("/proc/meminfo", encoding="utf-8") as file:
        kilobytes = int(file.readline().split()[1])
        facts["memory_gb"] = round(kilobytes * 1024 / 1e9, 1)
    return facts


def command(binary, point, options):
    flags = [f"--{name}={value}" for name, value in point.items()]
    return [
        binary,
        *flags,
        f"--engine={options.engine}",
        f"--threads={options.threads}",
        f"--repetitions={options.repetitions}",
        f"--peers={','.join(PEERS)}",
        "--error_seeds=0",
    ]


def measure(binary, point, options):
    """The benchmark's last line, with the point's own numbers; None when it failed."""
    done = subprocess.run(
        command(binary, point, options), stdout=subprocess.PIPE, text=True, check=False
    )
    if done.returncode != 0:
        return None
    return json.loads(done.stdout.splitlines()[-1])


def describe(result):
    """One line for whoever waits."""
    parts = []
    for program in result["programs"]:
        if "skipped" in program:
            parts.append(f"{program['name']}: {program['skipped']}")
        else:
            parts.append(
                f"{program['name']}: {1e3 * program['seconds']:.0f} ms, "
                f"{program['memory_bytes'] / 1e6:.0f} MB"
            )
    return "; ".join(parts)


def is_point(result, point):
    return all(result[name] == value for name, value in point.items())


def load(path, again):
    if again or not os.path.exists(path):
        return {}
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def save(path, sweep):
    """The old file stands until the new one is whole."""
    with open(path + ".new", "w", encoding="utf-8") as file:
        json.dump(sweep, file, indent=1, ensure_ascii=False)
        file.write("\n")
    os.replace(path + ".new", path)


def parse(arguments):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("output")
    parser.add_argument("--engine", default="fused")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repetitions", type=int, default=5)
    parser.add_argument("--again", action="store_true", help="measure points anew")
    parser.add_argument("--binary", help="a search_step that is built already")
    return parser.parse_args(arguments)


def main(arguments):
    options = parse(arguments)
    binary = options.binary
    if not binary:
        subprocess.run(["./bazelw", "build", "//bench:search_step"], check=True)
        binary = "bazel-bin/bench/search_step"
    sweep = load(options.output, options.again)
    sweep.update(
        machine=machine(),
        date=datetime.date.today().isoformat(),
        command="python3 -m bench.sweep " + " ".join(arguments),
        centre=CENTRE,
        factors=FACTORS,
        headline=NAMED[0],
    )
    sweep.setdefault("points", [])
    failed = 0
    for point in points():
        if any(is_point(result, point) for result in sweep["points"]):
            continue
        print(" ".join(f"{name}={value}" for name, value in point.items()), flush=True)
        result = measure(binary, point, options)
        if result is None:
            failed += 1
            print("  failed; what it said is above", flush=True)
            continue
        sweep["points"].append(result)
        save(options.output, sweep)
        print("  " + describe(result), flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
