"""Fuzzes every target with libFuzzer for some processor time each, and prints what was found.

    python3 -m tools.fuzz [--seconds=600] [--jobs=1] [--folder=FOLDER] [TARGET …]

Builds the targets (all of fuzz_test, //tools/build:fuzz.bzl) with --config=fuzz, which needs clang,
then runs each from its committed corpus and dictionary and from what earlier runs found: that is
kept in FOLDER/<target>/corpus, inputs that failed and the log beside it. The seconds are those that
a target was given a core, so that a machine with other work, or one that stops it for a while, does
not shorten its turn. Ends with a table:

    CPU seconds, seconds   how long it was given a core, and how long it took by the clock
    executions, edges      inputs tried; edges of the control flow that they reached, in our code
    memory                 most that was resident, with the sanitizer's own
    found                  inputs that crashed, leaked, hung or took too much memory

Standard library only. Exit code 1: something was found.
"""

import argparse
import collections
import concurrent.futures
import glob
import os
import re
import signal
import subprocess
import sys
import tempfile
import time

WORKSPACE = "ssnas"
PATTERN = r"attr(tags, '\bfuzz\b', //...)"
# Generous: a process may be stopped while the clock goes on.
SECONDS_AN_INPUT = 300
INTERRUPTED = 72  # libFuzzer's exit code after SIGINT
MEGABYTES = 2048
# What a line of libFuzzer's log says of a column; the last one holds.
PATTERNS = {
    "executions": re.compile(r"^#(\d+)\t|stat::number_of_executed_units: +(\d+)"),
    "edges": re.compile(r"^#.* cov: (\d+) "),
    "memory (MB)": re.compile(r"stat::peak_rss_mb: +(\d+)"),
}
COLUMNS = [
    "target",
    "CPU seconds",
    "seconds",
    "executions",
    "edges",
    "memory (MB)",
    "found",
]

# `folder` is where it runs: its flags name files below it.
Target = collections.namedtuple("Target", "binary folder flags")


def bazel(*arguments):
    """Standard output of Bazel; its messages go to the terminal."""
    command = ["./bazelw", *arguments]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def read_log(lines):
    """{column: value} of what libFuzzer wrote; None for what it did not get to."""
    row = dict.fromkeys(PATTERNS)
    for line in lines:  # of gigabytes, where a target is talkative
        for column, pattern in PATTERNS.items():
            if match := pattern.search(line):
                row[column] = int(match.group(match.lastindex))
    return row


def cpu_seconds(pid):
    """Of a child that has not been waited for."""
    with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def wait(process, seconds):
    """Interrupts a process that was given a core for so long; returns (exit code, CPU seconds)."""
    interrupted = False
    while True:
        pid, status, usage = os.wait4(process.pid, os.WNOHANG)
        if pid != 0:
            process.returncode = os.waitstatus_to_exitcode(status)
            stopped_by_us = interrupted and process.returncode == INTERRUPTED
            return 0 if stopped_by_us else process.returncode, usage.ru_utime + usage.ru_stime
        if not interrupted and cpu_seconds(process.pid) >= seconds:
            process.send_signal(signal.SIGINT)
            interrupted = True
        time.sleep(0.1)


def fuzz(label, target, seconds, folder):
    """Runs one target; returns its row of the table."""
    name = label.removeprefix("//").replace("/", "_").replace(":", "_")
    place = os.path.join(folder, name)
    os.makedirs(os.path.join(place, "corpus"), exist_ok=True)
    before = set(os.listdir(place))
    command = [
        target.binary,
        *target.flags,
        f"-timeout={SECONDS_AN_INPUT}",
        f"-report_slow_units={SECONDS_AN_INPUT}",
        f"-rss_limit_mb={MEGABYTES}",
        "-print_final_stats=1",
        f"-artifact_prefix={place}/",
        os.path.join(place, "corpus"),
    ]
    fast = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    started = time.monotonic()
    with tempfile.TemporaryDirectory(dir=fast) as temporary:
        with open(os.path.join(place, "log"), "wb") as log:
            process = subprocess.Popen(
                command,
                cwd=target.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env={**os.environ, "TEST_TMPDIR": temporary},
            )
            code, used = wait(process, seconds)
    found = sorted(set(os.listdir(place)) - before - {"corpus", "log"})
    if code != 0 and not found:
        found = [f"exit code {code}, see {place}/log"]
    with open(os.path.join(place, "log"), encoding="utf-8", errors="replace") as log:
        row = read_log(log)
    row["target"] = label
    row["seconds"] = round(time.monotonic() - started)
    row["CPU seconds"] = round(used)
    row["found"] = ", ".join(found) or "nothing"
    return row


def table(rows):
    """Markdown."""

    def cell(value):
        return f"{value:,}" if isinstance(value, int) else str(value if value is not None else "–")

    lines = ["| " + " | ".join(COLUMNS) + " |", "|" + "---|" * len(COLUMNS)]
    lines += ["| " + " | ".join(cell(row[name]) for name in COLUMNS) + " |" for row in rows]
    return "\n".join(lines)


def build(labels):
    """{label: Target}; not through `bazel run`: another command of Bazel empties its folders."""
    bazel("build", "--config=fuzz", *labels)
    outputs = bazel("info", "--config=fuzz", "bazel-bin").strip()
    targets = {}
    for label in labels:
        package, name = label.removeprefix("//").split(":")
        binary = os.path.join(outputs, package, name)
        folder = os.path.join(binary + ".runfiles", WORKSPACE)
        flags = [f"-seed_inputs=@{package}/{name}_seeds.txt"]
        for dictionary in glob.glob(os.path.join(folder, package, "**", "*.dict"), recursive=True):
            flags.append(f"-dict={dictionary}")
        targets[label] = Target(binary, folder, flags)
    return targets


def main(arguments):
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--seconds", type=int, default=600, help="of a core, for each target")
    parser.add_argument("--jobs", type=int, default=1, help="targets at a time")
    parser.add_argument("--folder", default="~/.cache/ssnas/fuzz", help="keeps what is found")
    parser.add_argument("target", nargs="*", help="all when none is given")
    options = parser.parse_args(arguments)
    folder = os.path.abspath(os.path.expanduser(options.folder))
    labels = options.target or sorted(bazel("query", PATTERN).split())
    targets = build(labels)
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        done = [
            pool.submit(fuzz, label, targets[label], options.seconds, folder) for label in labels
        ]
        for row in concurrent.futures.as_completed(done):
            print(table([row.result()]).splitlines()[-1], flush=True)
    rows = [row.result() for row in done]
    print(table(rows))
    return int(any(row["found"] != "nothing" for row in rows))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
