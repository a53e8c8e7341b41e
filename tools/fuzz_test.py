"""tools.fuzz against programs that write what libFuzzer writes."""

import os
import tempfile
import textwrap
import unittest

from tools import fuzz

CLEAN = """
    #2\tINITED cov: 170 ft: 171 corp: 1/1b exec/s: 0 rss: 40Mb
    #32768\tpulse  cov: 201 ft: 530 corp: 40/900b lim: 341 exec/s: 16384 rss: 88Mb
    #81234\tDONE   cov: 207 ft: 561 corp: 44/1Kb lim: 812 exec/s: 13539 rss: 91Mb
    stat::number_of_executed_units: 81234
    stat::peak_rss_mb:              91
"""
CRASHED = """
    #2\tINITED cov: 170 ft: 171 corp: 1/1b exec/s: 0 rss: 40Mb
    #513\tNEW    cov: 171 ft: 175 corp: 2/3b lim: 4 exec/s: 0 rss: 41Mb
    ==7==ERROR: AddressSanitizer: heap-buffer-overflow
"""


class FuzzTest(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = temporary.name

    def fuzz(self, log, end, seconds=60):
        """The row of a target that writes `log` and then ends so."""
        script = os.path.join(self.folder, "target")
        with open(script, "w", encoding="utf-8") as file:
            file.write("#!/bin/sh\ncat <<'END'\n" + textwrap.dedent(log) + "END\n" + end + "\n")
        os.chmod(script, 0o700)
        target = fuzz.Target(script, self.folder, ["-dict=words"])
        return fuzz.fuzz("//a/b:c_fuzz", target, seconds, self.folder)

    def test_a_clean_run(self):
        row = self.fuzz(CLEAN, 'ls "$TEST_TMPDIR" && echo "$@"')
        self.assertEqual(row["executions"], 81234)
        self.assertEqual(row["edges"], 207)
        self.assertEqual(row["memory (MB)"], 91)
        self.assertEqual(row["found"], "nothing")
        with open(os.path.join(self.folder, "a_b_c_fuzz", "log"), encoding="utf-8") as log:
            self.assertIn("-dict=words -timeout=", log.read())
        self.assertTrue(os.path.isdir(os.path.join(self.folder, "a_b_c_fuzz", "corpus")))

    def test_a_target_is_interrupted_after_its_time(self):
        row = self.fuzz(CLEAN, "trap 'exit 72' INT; while :; do :; done", seconds=0.3)
        self.assertEqual(row["found"], "nothing")
        # One that ends so by itself has not had its time.
        self.assertIn("exit code 72", self.fuzz(CLEAN, "exit 72")["found"])

    def test_an_input_that_crashes_is_named(self):
        place = os.path.join(self.folder, "a_b_c_fuzz")
        row = self.fuzz(CRASHED, f"echo x >{place}/crash-12; exit 77")
        self.assertEqual(row["found"], "crash-12")
        self.assertEqual(row["executions"], 513)
        self.assertIsNone(row["memory (MB)"])
        # An old finding is no new one.
        self.assertEqual(self.fuzz(CLEAN, "exit 0")["found"], "nothing")

    def test_a_target_that_does_not_run_is_no_clean_run(self):
        self.assertIn("exit code 3", self.fuzz("", "exit 3")["found"])

    def test_the_table_has_a_line_for_each_target(self):
        rows = [self.fuzz(CLEAN, "exit 0"), self.fuzz(CRASHED, "exit 77")]
        lines = fuzz.table(rows).splitlines()
        self.assertEqual(len(lines), 4)
        self.assertIn("| 81,234 | 207 | 91 | nothing |", lines[2])
        self.assertIn("| 513 | 171 | – | exit code 77", lines[3])


if __name__ == "__main__":
    unittest.main()
