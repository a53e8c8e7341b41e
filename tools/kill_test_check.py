"""kill_test against small programs: one that resumes, and ones that do not, which it must find."""

import contextlib
import io
import os
import sys
import tempfile
import textwrap
import unittest

from tools import kill_test

# Three stages of ten steps; a step is a line of metrics and a new state, put in place by a rename.
TOY = """
    import json, os, signal, sys, time
    out = [a.split("=", 1)[1] for a in sys.argv if a.startswith("--output_dir=")][0]
    fault = sys.argv[1]
    stopped = []
    signal.signal(signal.SIGTERM, lambda *_: stopped.append(1))

    def put(name, text):
        with open(os.path.join(out, name + ".new"), "w") as file:
            file.write(text)
        os.rename(os.path.join(out, name + ".new"), os.path.join(out, name))

    def get(name, default):
        path = os.path.join(out, name)
        return open(path).read() if os.path.exists(path) else default

    os.makedirs(out, exist_ok=True)
    put("run.json", "{}")
    for stage in ["a", "b", "c"]:
        os.makedirs(os.path.join(out, stage), exist_ok=True)
        if get(stage + "/result.json", ""):
            continue
        state = json.loads(get(stage + "/state", "[]"))
        while len(state) < 10:
            if fault == "keeps":
                with open(os.path.join(out, stage, "metrics.jsonl"), "a") as file:
                    file.write("line\\n")
            time.sleep(0.02)
            state.append(len(state) if fault != "time" else time.time())
            put(stage + "/state", json.dumps(state))
            if stopped:
                sys.exit(7 if fault == "code" else 143)
        if fault == "leaves" and os.path.exists(os.path.join(out, "a", "seen")):
            put("half.tmp", "x")
        put(stage + "/seen", "x")
        put(stage + "/result.json", json.dumps(state))
    put("summary.json", json.dumps({"result_digest": str(len(state))}))
"""


class KillTestCheck(unittest.TestCase):

    def run_toy(self, fault, kills=12):
        """(exit code, output) of kill_test on the toy with this fault."""
        with tempfile.TemporaryDirectory(dir=os.environ.get("TEST_TMPDIR")) as folder:
            toy = os.path.join(folder, "toy.py")
            with open(toy, "w", encoding="utf-8") as file:
                file.write(textwrap.dedent(TOY))
            runs = os.path.join(folder, "runs")
            os.mkdir(runs)
            output = io.StringIO()
            with contextlib.redirect_stdout(output), contextlib.redirect_stderr(output):
                code = kill_test.main([f"--kills={kills}", "--seed=3", f"--folder={runs}", "--",
                                       sys.executable, toy, fault])
        return code, output.getvalue()

    def test_a_program_that_resumes_passes(self):
        code, output = self.run_toy("none")
        self.assertEqual(code, 0, output)
        self.assertRegex(output, r"\n1[2-9] kills, every result byte-equal")
        for stage in ["a", "b", "c"]:
            self.assertRegex(output, rf"\n{stage} +[1-9]")

    def test_a_program_whose_result_depends_on_the_time_fails(self):
        code, output = self.run_toy("time")
        self.assertEqual(code, 1, output)
        self.assertIn("a/result.json: differs", output)

    def test_a_program_that_keeps_lines_of_lost_steps_fails(self):
        code, output = self.run_toy("keeps")
        self.assertEqual(code, 1, output)
        self.assertIn("metrics.jsonl: differs", output)

    def test_a_program_that_leaves_half_files_fails(self):
        code, output = self.run_toy("leaves")
        self.assertEqual(code, 1, output)
        self.assertIn("half.tmp: left over", output)

    def test_another_exit_code_after_sigterm_fails(self):
        code, output = self.run_toy("code", kills=40)
        self.assertEqual(code, 1, output)
        self.assertIn("after SIGTERM: exit code 7", output)

    def test_a_program_that_does_not_run_fails(self):
        with tempfile.TemporaryDirectory(dir=os.environ.get("TEST_TMPDIR")) as folder:
            output = io.StringIO()
            with contextlib.redirect_stdout(output), contextlib.redirect_stderr(output):
                code = kill_test.main([f"--folder={folder}", "--", sys.executable, "-c", "exit(3)"])
        self.assertEqual(code, 1)
        self.assertIn("the unharmed run ended with 3", output.getvalue())


if __name__ == "__main__":
    unittest.main()
