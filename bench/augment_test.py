"""Runs the benchmark of the augmentations for a moment: what it prints. No time is looked at."""

import json
import math
import subprocess
import unittest

CASES = ["28", "32", "96", "224"]
KEYS = [
    "views_per_second_per_core",
    "share_of_in_cache_ceiling",
    "share_of_arithmetic_bound",
    "views_per_second_by_plugin",
    "speedup_vs_plugins",
]


def run(*flags):
    command = ["bench/augment", *flags]
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)


class AugmentTest(unittest.TestCase):
    def test_every_number_is_there_and_finite(self):
        done = run("--seconds=0")
        self.assertEqual(done.returncode, 0)
        lines = done.stdout.splitlines()
        summary = json.loads(lines[-1])
        for case in CASES:
            for key in KEYS:
                value = summary[f"{key}_{case}"]
                self.assertTrue(math.isfinite(value) and value > 0, f"{key}_{case}: {value}")
        self.assertEqual(len(lines), 2 + len(CASES) + 1)
        self.assertIn("500×375×3", done.stdout)

    def test_a_flag_out_of_range_is_refused(self):
        self.assertEqual(run("--seconds=-1").returncode, 2)


if __name__ == "__main__":
    unittest.main()
