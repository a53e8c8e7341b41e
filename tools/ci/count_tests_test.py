"""The last line of a CI run counts every test, and never hides a failure."""

import json
import unittest

from tools.ci import count_tests


def options(*words):
    return json.dumps({"id": {"optionsParsed": {}}, "optionsParsed": {"cmdLine": list(words)}})


def configured(label, kind="cc_test rule", tags=()):
    target = {"targetKind": kind, "tag": list(tags)}
    return json.dumps({"id": {"targetConfigured": {"label": label}}, "configured": target})


def summary(label, status):
    return json.dumps(
        {"id": {"testSummary": {"label": label}}, "testSummary": {"overallStatus": status}}
    )


def last_line(lines, exit_code):
    text, code = count_tests.report([(lines, exit_code)])
    return text.splitlines()[-1], code


class CountTestsTest(unittest.TestCase):
    def test_all_pass(self):
        lines = [configured("//:a"), summary("//:a", "PASSED")]
        lines.append(configured("//:b", "cc_library rule"))
        self.assertEqual(last_line(lines, 0), ("1 passed, 0 failed", 0))

    def test_failures_are_named_and_counted(self):
        lines = [configured("//:a"), configured("//:b"), configured("//:c")]
        lines += [summary("//:a", "PASSED"), summary("//:b", "FAILED"), summary("//:c", "TIMEOUT")]
        text, code = count_tests.report([(lines, 3)])
        self.assertEqual(text, "FAILED //:b\nTIMEOUT //:c\n1 passed, 2 failed")
        self.assertEqual(code, 1)

    def test_a_test_that_was_not_built_has_failed(self):
        lines = [configured("//:a"), summary("//:a", "PASSED"), configured("//:b", "sh_test rule")]
        text, code = count_tests.report([(lines, 1)])
        self.assertEqual(text, "NOT RUN //:b\n1 passed, 1 failed")
        self.assertEqual(code, 1)

    def test_what_the_filters_leave_out_was_not_meant_to_run(self):
        tests = [configured("//:a"), configured("//:b", tags=["pytorch"])]
        tests.append(summary("//:a", "PASSED"))
        for filters, last in [
            (["--test_tag_filters=-pytorch"], "1 passed, 0 failed"),
            (["--test_tag_filters=-gpu,-pytorch"], "1 passed, 0 failed"),
            (["--test_tag_filters=-pytorch", "--test_tag_filters="], "1 passed, 1 failed"),
            (["--test_tag_filters=pytorch"], "1 passed, 1 failed"),
            ([], "1 passed, 1 failed"),
        ]:
            with self.subTest(filters=filters):
                self.assertEqual(last_line([options(*filters), *tests], 0)[0], last)

    def test_a_build_failure_counts_though_every_test_passed(self):
        lines = [configured("//:a"), summary("//:a", "PASSED")]
        self.assertEqual(last_line(lines, 1), ("1 passed, 1 failed", 1))

    def test_runs_are_added_up(self):
        good = [configured("//:a"), summary("//:a", "PASSED")]
        bad = [configured("//:a"), summary("//:a", "FAILED")]
        text, code = count_tests.report([(good, 0), (bad, 3)])
        self.assertEqual(text, "FAILED //:a\n1 passed, 1 failed")
        self.assertEqual(code, 1)
        # A run that tested nothing is not made good by another.
        self.assertEqual(count_tests.report([(good, 0), ([], 124)])[1], 1)

    def test_nothing_at_all(self):
        self.assertEqual(last_line([], 2), ("0 passed, 1 failed", 1))
        self.assertEqual(last_line([], 0), ("0 passed, 1 failed", 1))


if __name__ == "__main__":
    unittest.main()
