"""The smoke experiment as a user runs it: every stage, its files, resume, refusals, exit codes."""

import os
import signal
import subprocess
import time
import unittest

from experiments.tests import run_experiment as x

STAGES = ["search/seed_1", "search/seed_2", "derive", "random", "pretrain/found",
          "pretrain/random_1", "probe/found", "probe/random_1", "probe/untrained",
          "evaluate/found", "evaluate/random_1"]


class SmokeTest(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        cls.out = os.path.join(x.folder("smoke"), "run")
        cls.first = x.run("smoke", "--output_dir", cls.out)

    def test_every_stage_leaves_its_files(self):
        self.assertEqual(self.first.returncode, 0, self.first.stdout + self.first.stderr)
        for name in ["summary.json", "results.json", "report.html", "architecture.textproto",
                     "model.safetensors", "spec.textproto"]:
            self.assertTrue(os.path.getsize(os.path.join(self.out, name)) > 0, name)
        for stage in STAGES:
            self.assertTrue(os.path.exists(os.path.join(self.out, stage, "result.json")), stage)
        summary = x.read_json(self.out, "summary.json")
        self.assertEqual(summary["labels_read_by_search"], 0)
        self.assertEqual(len(summary["networks"]), 3)
        self.assertRegex(summary["result_digest"], "^[0-9a-f]{64}$")
        report = x.read_bytes(self.out, "report.html").decode()
        self.assertGreaterEqual(report.count("<svg"), 4)

    def test_output_for_a_pipe_is_plain_lines(self):
        self.assertNotIn("\r", self.first.stdout)
        self.assertNotIn("\x1b", self.first.stdout)
        self.assertIn("found without labels", self.first.stdout)

    def test_the_same_command_again_runs_nothing_and_prints_the_table(self):
        before = x.read_json(self.out, "results.json")
        again = x.run("smoke", "--output_dir", self.out, timeout=60)
        self.assertEqual(again.returncode, 0, again.stderr)
        self.assertEqual(again.stdout.count("finished before"), len(STAGES))
        self.assertIn("found without labels", again.stdout)
        self.assertEqual(x.read_json(self.out, "results.json"), before)

    def test_another_spec_is_refused_and_nothing_is_lost(self):
        before = x.read_bytes(self.out, "results.json")
        other = x.run("smoke", "--output_dir", self.out, "--set", "search.channels=8")
        self.assertEqual(other.returncode, 4, other.stdout + other.stderr)
        self.assertIn("search.channels", other.stderr)
        self.assertIn("--overwrite", other.stderr)
        self.assertEqual(x.read_bytes(self.out, "results.json"), before)

    def test_a_mistake_writes_nothing(self):
        out = os.path.join(x.folder("mistake"), "run")
        wrong = x.run("smoke", "--output_dir", out, "--set", "search.chanels=8")
        self.assertEqual(wrong.returncode, 2)
        self.assertIn("did you mean 'channels'", wrong.stderr)
        self.assertFalse(os.path.exists(out))
        self.assertEqual(x.run("smoke", "--sead=3").returncode, 2)
        self.assertEqual(x.run("smoke", "--help").returncode, 0)

    def test_sigterm_stops_within_a_step_and_the_same_command_goes_on(self):
        out = os.path.join(x.folder("stop"), "run")
        program = subprocess.Popen([os.path.abspath("experiments/smoke"), "--output_dir", out],
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        metrics = os.path.join(out, "search", "seed_1", "metrics.jsonl")
        for _ in range(600):
            if os.path.exists(metrics):
                break
            time.sleep(0.05)
        program.send_signal(signal.SIGTERM)
        output, _ = program.communicate(timeout=60)
        self.assertEqual(program.returncode, 143, output)
        self.assertIn("The same command goes on from there", output)
        resumed = x.run("smoke", "--output_dir", out)
        self.assertEqual(resumed.returncode, 0, resumed.stdout + resumed.stderr)
        self.assertEqual(x.read_bytes(out, "results.json"), x.read_bytes(self.out, "results.json"))
        for stage in STAGES:
            name = os.path.join(stage, "metrics.jsonl")
            if os.path.exists(os.path.join(self.out, name)):
                self.assertEqual(x.read_bytes(out, name), x.read_bytes(self.out, name), stage)

    def test_the_resolved_spec_runs_as_it_is(self):
        printed = x.run("smoke", "--print_spec", "--set", "search.epochs=3")
        self.assertEqual(printed.returncode, 0, printed.stderr)
        spec = os.path.join(x.folder("printed"), "spec.textproto")
        with open(spec, "w", encoding="utf-8") as file:
            file.write(printed.stdout)
        again = x.run("smoke", f"--spec={spec}", "--print_spec")
        self.assertEqual(again.stdout, printed.stdout)


if __name__ == "__main__":
    unittest.main()
