"""25 SIGKILLs at random instants: the run ends byte-equal to one never killed."""

import os
import random
import signal
import subprocess
import time
import unittest

from experiments.tests import run_experiment as x
from experiments.tests.smoke_test import STAGES

KILLS = 25
# Stages that take long enough to be hit by chance; derive and random are over in milliseconds.
LONG = [stage for stage in STAGES if stage.split("/")[0] in ("search", "pretrain", "evaluate")]


def finished(out, stage):
    return os.path.exists(os.path.join(out, stage, "result.json"))


def current(out):
    """The first stage that is not finished."""
    return next((stage for stage in STAGES if not finished(out, stage)), "end")


def kill_within(out, target, chance):
    """Kills the run a little after `target` is under way; returns the stage that was hit."""
    program = subprocess.Popen([os.path.abspath("experiments/smoke"), "--output_dir", out],
                               stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
    folder = os.path.join(out, target)
    while program.poll() is None and not (os.path.exists(folder) and current(out) == target):
        if STAGES.index(current(out)) > STAGES.index(target):
            break
        time.sleep(0.01)
    time.sleep(chance.uniform(0.0, 0.6))
    hit = current(out)
    program.send_signal(signal.SIGKILL)
    program.wait()
    return hit


class KillTest(unittest.TestCase):

    def test_killed_at_random_it_ends_in_the_same_bytes(self):
        chance = random.Random(1)
        whole = os.path.join(x.folder("whole"), "run")
        unbroken = x.run("smoke", "--output_dir", whole)
        self.assertEqual(unbroken.returncode, 0, unbroken.stdout + unbroken.stderr)
        out = os.path.join(x.folder("killed"), "run")
        hits = []
        # Three or four kills for each long stage, one after another in the same run folder.
        targets = sorted((LONG * KILLS)[:KILLS], key=STAGES.index)
        for target in targets:
            if current(out) == "end":
                break
            hits.append(kill_within(out, max(target, current(out), key=STAGES.index), chance))
        print("kills by stage:", {stage: hits.count(stage) for stage in STAGES + ["end"]})
        self.assertEqual(len(hits), KILLS)
        self.assertLessEqual(set(LONG), set(hits), "a training stage was never hit")
        last = x.run("smoke", "--output_dir", out)
        self.assertEqual(last.returncode, 0, last.stdout + last.stderr)
        self.assertEqual(x.read_json(out, "summary.json")["result_digest"],
                         x.read_json(whole, "summary.json")["result_digest"])
        names = ["results.json", "architecture.textproto", "model.safetensors"]
        names += [os.path.join(stage, "metrics.jsonl") for stage in LONG]
        names += [os.path.join(stage, "final.safetensors") for stage in LONG]
        for name in names:
            self.assertEqual(x.read_bytes(out, name), x.read_bytes(whole, name), name)

    def test_a_damaged_checkpoint_is_named_and_the_older_one_used(self):
        out = os.path.join(x.folder("damaged"), "run")
        kill_within(out, "pretrain/found", random.Random(2))
        checkpoints = os.path.join(out, "search", "seed_1", "checkpoints")
        os.remove(os.path.join(out, "search", "seed_1", "result.json"))
        newest = sorted(os.listdir(checkpoints))[-1]
        weights = os.path.join(checkpoints, newest, "weights.safetensors")
        data = bytearray(x.read_bytes(weights))
        data[len(data) // 2] ^= 1
        with open(weights, "wb") as file:
            file.write(data)
        again = x.run("smoke", "--output_dir", out, "--until=search")
        self.assertEqual(again.returncode, 0, again.stdout + again.stderr)
        self.assertIn(f"checkpoint {newest}: shard weights.safetensors fails its checksum",
                      again.stdout)
        self.assertTrue(os.path.exists(os.path.join(checkpoints, newest + ".bad")))


if __name__ == "__main__":
    unittest.main()
