"""Kills an experiment again and again and asks whether its result is that of a run never killed.

    python3 -m tools.kill_test --kills=25 --seed=1 -- experiments/smoke

The command, with --output_dir=DIR appended, runs once unharmed. Then it is killed in chains: the
same command in the same folder, killed, run again, killed again, until it ends by itself; what it
left must be byte-equal to the unharmed run. The first chain kills once in every stage, at a random
instant of it (stages that were over too soon get more chains, beyond the count asked for); the
others at random instants of the whole, with SIGKILL, with SIGTERM (which must end in 143), or with
SIGKILL right before a random system call that changes the disk (SSNAS_FAIL_POINT=kill@k). Standard
library only. Exit code 1: something differed or went wrong.
"""

import argparse
import hashlib
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

# What holds times, or the way a run came about rather than what it found.
VOLATILE = re.compile(
    r"(^|/)(timings\.jsonl|events\.out\.tfevents\.[^/]*|report\.html|summary\.json|\.lock)$"
    r"|(^|/)checkpoints/"
)
# Never left by a run, however often it was killed: half-written files, damaged checkpoints.
UNWANTED = re.compile(r"\.(tmp|bad)(/|$)")
KILLS_PER_CHAIN = 8
MORE_CHAINS = 5  # for stages that were missed
SHORT_STAGE = 0.2  # seconds; such a one is killed as soon as it is seen
AFTER_THE_LAST = "report"


class Failure(Exception):
    """What the test was looking for: a difference, or a run that did not go on."""


def files_of(folder):
    """Relative paths of all files, sorted."""
    found = []
    for top, _, names in os.walk(folder):
        found += [os.path.relpath(os.path.join(top, name), folder) for name in names]
    return sorted(found)


def read(*path):
    with open(os.path.join(*path), "rb") as file:
        return file.read()


def fingerprint(folder):
    """{file: SHA-256} of what must be equal, and the digest that the summary has."""
    prints = {
        name: hashlib.sha256(read(folder, name)).hexdigest()
        for name in files_of(folder)
        if not VOLATILE.search(name)
    }
    summary = json.loads(read(folder, "summary.json"))
    prints["summary.json: result_digest"] = summary["result_digest"]
    return prints


def differences(expected, actual):
    """One line for each file that differs, is missing or should not be there."""
    lines = []
    for name in sorted(expected.keys() | actual.keys()):
        if UNWANTED.search(name):
            lines.append(f"{name}: left over")
        elif name not in actual:
            lines.append(f"{name}: missing")
        elif name not in expected:
            lines.append(f"{name}: not in the unharmed run")
        elif expected[name] != actual[name]:
            lines.append(f"{name}: differs")
    return lines


def stages_in_order(folder):
    """[(stage, seconds)] of a finished run, by the times of their result.json."""
    ends = []
    for name in files_of(folder):
        if os.path.basename(name) == "result.json":
            ends.append((os.stat(os.path.join(folder, name)).st_mtime, os.path.dirname(name)))
    ends.sort()
    start = os.stat(os.path.join(folder, "run.json")).st_mtime
    stages = []
    for end, stage in ends:
        stages.append((stage, end - start))
        start = end
    return stages


class KillTest:
    """One baseline, and chains of kills that are held against it."""

    def __init__(self, command, folder, kills, seed):
        self.command = command
        self.folder = folder
        self.kills = kills
        self.random = random.Random(seed)
        self.hits = {}  # stage → {way: count}
        self.expected = {}
        self.stages = []  # (name, seconds)
        self.seconds = 0.0
        self.calls = 0  # system calls that change the disk
        self.slowest_stop = 0.0
        self.chains = 0

    def run(self):
        self.run_baseline()
        left = self.kills - self.kill_in_stages(self.stages[: self.kills])
        while left > 0:
            left -= self.kill_at_random(min(left, KILLS_PER_CHAIN))
        for _ in range(MORE_CHAINS):
            if self.missed():
                self.kill_in_stages(self.missed())
        self.print_table()
        if self.missed():
            raise Failure("not killed in: " + ", ".join(stage for stage, _ in self.missed()))

    def missed(self):
        """Stages that should have been hit and were not."""
        if self.kills < len(self.stages):
            return []
        return [(stage, seconds) for stage, seconds in self.stages if stage not in self.hits]

    def next_chain(self):
        self.chains += 1
        return os.path.join(self.folder, f"chain_{self.chains}")

    def start(self, out, fail_point=None):
        environment = dict(os.environ)
        environment.pop("SSNAS_FAIL_POINT", None)
        if fail_point:
            environment["SSNAS_FAIL_POINT"] = fail_point
        log = open(out + ".log", "ab")
        with log:
            return subprocess.Popen(
                [*self.command, f"--output_dir={out}"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, env=environment)

    def log_tail(self, out):
        return read(out + ".log").decode(errors="replace")[-2000:]

    def run_baseline(self):
        out = os.path.join(self.folder, "baseline")
        begin = time.monotonic()
        code = self.start(out, "count").wait()
        self.seconds = time.monotonic() - begin
        log = self.log_tail(out)
        if code != 0:
            raise Failure(f"the unharmed run ended with {code}:\n{log}")
        counted = re.search(r"SSNAS_FAIL_POINT: (\d+) calls", log)
        self.calls = int(counted.group(1)) if counted else 0
        self.expected = fingerprint(out)
        self.stages = stages_in_order(out)
        leftovers = differences({}, {n: "" for n in self.expected if UNWANTED.search(n)})
        if leftovers:
            raise Failure("the unharmed run: " + "; ".join(leftovers))
        print(f"unharmed: {self.seconds:.1f} s, {len(self.stages)} stages, "
              f"{self.calls} disk calls, {len(self.expected)} files compared", flush=True)

    def stage_under_way(self, out):
        for stage, _ in self.stages:
            if not os.path.exists(os.path.join(out, stage, "result.json")):
                return stage
        return AFTER_THE_LAST

    def record(self, out, way):
        ways = self.hits.setdefault(self.stage_under_way(out), {})
        ways[way] = ways.get(way, 0) + 1

    def stop(self, program, out, way):
        """Sends the signal and waits. False: it had ended by itself, well."""
        begin = time.monotonic()
        if program.poll() is None:
            program.send_signal(signal.SIGTERM if way == "SIGTERM" else signal.SIGKILL)
        code = program.wait()
        if code == 0:
            return False
        if way == "SIGTERM":
            self.slowest_stop = max(self.slowest_stop, time.monotonic() - begin)
            # Before the handler is there, the signal ends the process as it does any.
            if code not in (143, -signal.SIGTERM):
                raise Failure(f"after SIGTERM: exit code {code}\n{self.log_tail(out)}")
        elif code != -signal.SIGKILL:
            raise Failure(f"a run ended with {code}:\n{self.log_tail(out)}")
        self.record(out, way)
        return True

    def finish(self, out, kills):
        """Lets the run end unharmed where it has not, and compares."""
        chain = os.path.basename(out)
        code = self.start(out).wait()
        if code != 0:
            raise Failure(f"{chain}: the resumed run ended with {code}\n{self.log_tail(out)}")
        found = differences(self.expected, fingerprint(out))
        if found:
            raise Failure(f"{chain}, after {kills} kills (log: {out}.log):\n  "
                          + "\n  ".join(found))
        print(f"{chain}: {kills} kills, byte-equal", flush=True)
        shutil.rmtree(out)

    def kill_in_stages(self, stages):
        """One chain with a kill in each of the stages; returns how many kills there were."""
        out = self.next_chain()
        names = [stage for stage, _ in self.stages]
        done = 0
        for stage, seconds in stages:
            index = names.index(stage)
            before = os.path.join(names[index - 1], "result.json") if index else "run.json"
            program = self.start(out)
            while program.poll() is None and not os.path.exists(os.path.join(out, before)):
                time.sleep(0.0005)
            if seconds > SHORT_STAGE:
                self.wait(program, self.random.uniform(0, 0.9 * seconds))
            if not self.stop(program, out, "SIGKILL"):
                break
            done += 1
        self.finish(out, done)
        return done

    def kill_at_random(self, asked):
        """One chain of at most so many kills; returns how many there were."""
        out = self.next_chain()
        done = 0
        for _ in range(asked):
            ways = ["SIGKILL", "SIGKILL", "SIGTERM"] + (["call", "call"] if self.calls else [])
            way = self.random.choice(ways)
            # On average the kills of a chain are spread over the whole run.
            share = self.random.uniform(0, 2 / (asked + 1))
            if way == "call":
                program = self.start(out, f"kill@{1 + int(share * self.calls)}")
                program.wait()
            else:
                program = self.start(out)
                self.wait(program, share * self.seconds)
            if not self.stop(program, out, way):
                break
            done += 1
        self.finish(out, done)
        return done

    @staticmethod
    def wait(program, seconds):
        try:
            program.wait(seconds)
        except subprocess.TimeoutExpired:
            pass

    def print_table(self):
        ways = ["SIGKILL", "SIGTERM", "call"]
        names = [stage for stage, _ in self.stages] + [AFTER_THE_LAST]
        width = max(len(name) for name in names)
        print(f"\n{'killed in':<{width}}  " + "  ".join(f"{way:>8}" for way in ways))
        for name in names:
            counts = self.hits.get(name, {})
            print(f"{name:<{width}}  " + "  ".join(f"{counts.get(way, 0):>8}" for way in ways))
        total = sum(sum(counts.values()) for counts in self.hits.values())
        print(f"\n{total} kills, every result byte-equal; slowest stop after SIGTERM "
              f"{self.slowest_stop:.2f} s")


def main(arguments):
    parser = argparse.ArgumentParser(prog="kill_test", description=__doc__.split("\n", 1)[0])
    parser.add_argument("--kills", type=int, default=25)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", help="where runs are made; kept when something differs")
    parser.add_argument("command", nargs="+", help="after --: the experiment and its flags")
    options = parser.parse_args(arguments)
    made = options.folder or tempfile.mkdtemp(
        prefix="kill_test_", dir=os.environ.get("TEST_TMPDIR"))
    command = [os.path.abspath(options.command[0]), *options.command[1:]]
    try:
        KillTest(command, made, options.kills, options.seed).run()
    except Failure as failure:
        print(f"FAILED: {failure}\n(kept: {made})", file=sys.stderr)
        return 1
    shutil.rmtree(made)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
