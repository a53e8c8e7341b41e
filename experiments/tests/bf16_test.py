"""runtime.pointwise: BFLOAT16 in a short search: the report names it, no run mixes it."""

import os
import unittest

from experiments.tests import run_experiment as x

MODE = ("--set", "runtime.pointwise=BFLOAT16")
SHORT = ("--until=search", "--set", "search.seeds=[1]", "--set", "search.epochs=1")
with open("/proc/cpuinfo", encoding="utf-8") as file:
    HAS_BF16 = "avx512_bf16" in file.read()


class Bf16Test(unittest.TestCase):

    def setUp(self):
        self.out = os.path.join(x.folder("bf16"), "run")

    def test_another_engine_refuses_it_before_anything_is_written(self):
        for engine in ["CHECK", "REFERENCE"]:
            wrong = x.run("smoke", "--output_dir", self.out, *MODE,
                          "--set", f"runtime.engine={engine}")
            self.assertEqual(wrong.returncode, 2, wrong.stdout + wrong.stderr)
            self.assertIn("BFLOAT16 is a mode of engine FUSED", wrong.stderr)
            self.assertFalse(os.path.exists(self.out))

    @unittest.skipIf(HAS_BF16, "this CPU has AVX512-BF16")
    def test_a_cpu_without_it_says_what_to_do(self):
        wrong = x.run("smoke", "--output_dir", self.out, *MODE)
        self.assertEqual(wrong.returncode, 2, wrong.stdout + wrong.stderr)
        self.assertIn("runtime.pointwise: FLOAT32", wrong.stderr)
        self.assertFalse(os.path.exists(self.out))

    @unittest.skipUnless(HAS_BF16, "this CPU has no AVX512-BF16")
    def test_a_search_says_it_and_goes_on_only_as_it_began(self):
        first = x.run("smoke", "--output_dir", self.out, *SHORT, *MODE)
        self.assertEqual(first.returncode, 0, first.stdout + first.stderr)
        summary = x.read_json(self.out, "summary.json")
        self.assertEqual(summary["engine"], "fused, bf16 pointwise")
        self.assertIn("fused, bf16 pointwise", x.read_bytes(self.out, "report.html").decode())
        self.assertIn("pointwise: BFLOAT16", x.read_bytes(self.out, "spec.textproto").decode())
        other = x.run("smoke", "--output_dir", self.out, *SHORT)
        self.assertEqual(other.returncode, 4, other.stdout + other.stderr)
        self.assertIn("runtime.pointwise", other.stderr)
        plain = os.path.join(x.folder("float32"), "run")
        self.assertEqual(x.run("smoke", "--output_dir", plain, *SHORT).returncode, 0)
        for name in ["result_digest", "engine"]:
            self.assertNotEqual(x.read_json(plain, "summary.json")[name], summary[name])


if __name__ == "__main__":
    unittest.main()
