"""Runs the two benchmarks on tiny networks: what they print, and that all programs agree.

No time is looked at: only that there is one.
"""

import json
import math
import subprocess
import unittest

SIZES = {"channels": 4, "cells": 2, "batch": 2, "image_size": 8}
KEYS = {
    "speedup_vs_eager",
    "speedup_vs_channels_last",
    "max_gradient_error",
    "free_gradient_error",
    "eager_gradient_error",
    "roofline_ratio",
    "fused_mac_share",
    "fma_peak_gflops",
    "copy_gb_per_s",
    "startup_seconds",
    "memory_preflight_ratio",
}
# With the decisions shared what is left is rounding. libtorch's batch norm in channels_last, which
# the reference engine uses, is the least exact part: 4e-5 was measured in this network, some
# hundred roundings of float32 one behind the other amplified by its norms; ten times as much is a
# fault, not rounding.
STRICT_BOUND = 4e-4
# One ReLU or max pool that falls to the other side moves single gradient elements by their whole
# value: up to a few percent of a tensor in a network this small. A wrong gradient is off by 1.
FREE_BOUND = 0.2
# Operands of pointwise convolutions rounded to 8 significant bits, 2⁻⁸ of each, through the two
# cells of this network and back: some ten stages of two, amplified by norms over 16 pixels and less
# as STRICT_BOUND's roundings are: 0.4 was measured. A wrong gradient is off by 1 and more.
BF16_BOUND = 0.8
with open("/proc/cpuinfo", encoding="utf-8") as file:
    HAS_BF16 = "avx512_bf16" in file.read()


def run(program, *flags):
    sizes = [f"--{name}={value}" for name, value in SIZES.items()]
    command = [f"bench/{program}", *sizes, "--threads=1", "--repetitions=1", *flags]
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)


class SearchStepTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.done = run("search_step", "--error_seeds=1", "--engine=reference,fused")
        cls.summary = json.loads(cls.done.stdout.splitlines()[-1])

    def test_every_number_is_there_and_finite(self):
        self.assertEqual(self.done.returncode, 0)
        self.assertLessEqual(KEYS, set(self.summary))
        for key in KEYS:
            self.assertTrue(math.isfinite(self.summary[key]), key)
            self.assertGreaterEqual(self.summary[key], 0, key)

    def test_each_program_reports(self):
        names = [program["name"] for program in self.summary["programs"]]
        peers = ["peer nchw", "peer channels_last", "peer alpha_only", "peer nt_xent"]
        self.assertEqual(names, peers + ["reference", "fused", "reference nt_xent"])
        for program in self.summary["programs"]:
            self.assertGreater(program["seconds"], 0)
            self.assertGreater(program["memory_bytes"], 0)
            self.assertEqual(list(program["phases"]), ["alpha", "weight"])
            self.assertIn(program["name"], self.done.stdout)

    def test_phases_add_up(self):
        for program in self.summary["programs"]:
            phases = sum(sum(half.values()) for half in program["phases"].values())
            self.assertLessEqual(phases, program["seconds"])

    def test_gradients_agree(self):
        self.assertLess(self.summary["max_gradient_error"], STRICT_BOUND)
        self.assertLess(self.summary["free_gradient_error"], FREE_BOUND)
        self.assertLess(self.summary["eager_gradient_error"], FREE_BOUND)
        # Eager float32 is never exact; 0 would mean that something was compared with itself.
        self.assertGreater(self.summary["max_gradient_error"], 0)
        self.assertGreater(self.summary["eager_gradient_error"], 0)

    def test_the_fused_engine_is_the_default(self):
        done = run("search_step", "--error_seeds=1", "--peers=")
        summary = json.loads(done.stdout.splitlines()[-1])
        self.assertEqual(summary["engine"], "fused")
        self.assertEqual(summary["fused_mac_share"], 1)
        self.assertLess(summary["free_gradient_error"], FREE_BOUND)

    def test_nothing_is_fused_on_the_reference_engine(self):
        self.assertEqual(self.summary["engine"], "reference")
        self.assertEqual(self.summary["fused_mac_share"], 0)

    def test_bf16_is_named_and_rounds_to_8_bits(self):
        self.assertEqual(self.summary["pointwise"], "float32")
        done = run("search_step", "--error_seeds=1", "--peers=", "--pointwise=bf16")
        if not HAS_BF16:
            self.assertEqual(done.returncode, 2)
            self.skipTest("this CPU has no AVX512-BF16")
        self.assertEqual(done.returncode, 0)
        summary = json.loads(done.stdout.splitlines()[-1])
        self.assertEqual(summary["pointwise"], "bf16")
        self.assertLess(summary["max_gradient_error"], BF16_BOUND)
        self.assertGreater(summary["max_gradient_error"], STRICT_BOUND)

    def test_unknown_names_are_refused(self):
        for flag in ("--engine=fast", "--peers=tensorflow", "--pointwise=half"):
            done = run("search_step", flag)
            self.assertEqual(done.returncode, 2, flag)


class TrainingStepTest(unittest.TestCase):
    def test_peer_and_engine_train_the_same_network(self):
        done = run("training_step", "--drop_path=0", "--engine=fused,reference")
        self.assertEqual(done.returncode, 0)
        summary = json.loads(done.stdout.splitlines()[-1])
        self.assertGreater(summary["speedup_vs_channels_last"], 0)
        self.assertGreater(summary["memory_vs_channels_last"], 0)
        peer, *engines = summary["programs"]
        names = ["fused", "fused, recompute all", "reference"]
        self.assertEqual([engine["name"] for engine in engines], names)
        # Losses of about log 10, computed in float32 in another order: some hundred roundings.
        for engine in engines:
            self.assertLess(abs(peer["first_loss"] - engine["first_loss"]), 1e-4)

    def test_runs_with_drop_path(self):
        self.assertEqual(run("training_step", "--drop_path=0.5").returncode, 0)


if __name__ == "__main__":
    unittest.main()
