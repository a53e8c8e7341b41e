"""The tables of docs/performance.md are those of their files."""

import os
import tempfile
import unittest

from tools import performance_tables

PAGE = "docs/performance.md"


class PerformanceTablesTest(unittest.TestCase):
    def test_the_page_says_what_its_files_say(self):
        with open(PAGE, encoding="utf-8") as file:
            page = file.read()
        self.assertGreaterEqual(page.count("<!-- table: "), 2)
        self.assertEqual(performance_tables.main([PAGE, "--check"]), 0)

    def test_ratios_are_against_the_engine_with_the_same_objective(self):
        programs = [
            {"name": "peer nchw", "seconds": 8.0, "memory_bytes": 4e9},
            {"name": "peer nt_xent", "seconds": 6.0, "memory_bytes": 4e9},
            {"name": "peer alpha_only", "skipped": "does not fit"},
            {"name": "fused", "seconds": 2.0, "memory_bytes": 5e8},
            {"name": "fused nt_xent", "seconds": 3.0, "memory_bytes": 5e8},
        ]
        text = performance_tables.table({"engine": "fused", "programs": programs})
        self.assertIn("| eager libtorch, NCHW | 8 | 4.0 × | 4,000 |", text)
        self.assertIn("| the same with NT-Xent | 6 | 2.0 × | 4,000 |", text)
        self.assertIn("| does not fit | | |", text)
        self.assertIn("| fused | 2 |  | 500 |", text)

    def test_check_finds_what_was_changed_by_hand(self):
        with tempfile.TemporaryDirectory() as folder:
            os.mkdir(os.path.join(folder, "performance"))
            with open(os.path.join(folder, "performance", "a.json"), "w", encoding="utf-8") as file:
                file.write('{"engine": "fused", "programs": []}')
            page = os.path.join(folder, "page.md")
            with open(page, "w", encoding="utf-8") as file:
                file.write("<!-- table: a.json -->\nmade up\n<!-- end of table -->\n")
            self.assertEqual(performance_tables.main([page, "--check"]), 1)
            self.assertEqual(performance_tables.main([page]), 0)
            self.assertEqual(performance_tables.main([page, "--check"]), 0)


if __name__ == "__main__":
    unittest.main()
