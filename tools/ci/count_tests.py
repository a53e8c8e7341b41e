"""Prints `N passed, N failed` from Bazel's build event file: count_tests.py FILE EXIT_CODE_OF_BAZEL

A test that could not be built or was not run has failed. So has a build that failed without failing
a test: the last line never says that all is well when Bazel did not.
"""

import json
import os
import sys

PASSED = {"PASSED", "FLAKY"}


def count(lines):
    """Returns (labels of tests that passed, {label: status} of those that did not)."""
    configured, statuses = set(), {}
    for line in lines:
        event = json.loads(line)
        kind = event.get("id", {})
        if "targetConfigured" in kind:
            # "cc_test rule", "sh_test rule"; a target that failed to load has no such event.
            if event.get("configured", {}).get("targetKind", "").endswith("_test rule"):
                configured.add(kind["targetConfigured"]["label"])
        elif "testSummary" in kind:
            statuses[kind["testSummary"]["label"]] = event["testSummary"]["overallStatus"]
    failed = {label: statuses.get(label, "NOT RUN") for label in configured | set(statuses)}
    passed = {label for label, status in failed.items() if status in PASSED}
    return passed, {label: status for label, status in failed.items() if label not in passed}


def report(lines, exit_code):
    """Returns (what to print, exit code)."""
    passed, failed = count(lines)
    text = "".join(f"{status} {label}\n" for label, status in sorted(failed.items()))
    failures = len(failed)
    if exit_code != 0 and failures == 0:
        text += f"Bazel ended with exit code {exit_code}, though no test failed: see above.\n"
        failures = 1
    if not passed and failures == 0:
        text += "No test was run.\n"
        failures = 1
    return f"{text}{len(passed)} passed, {failures} failed", int(failures > 0)


def main(path, exit_code):
    lines = []
    if os.path.exists(path):
        with open(path, encoding="utf-8") as file:
            lines = file.readlines()
    text, code = report(lines, exit_code)
    print(text)
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2])))
