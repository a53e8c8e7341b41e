"""Prints `N passed, N failed` from Bazel's build event files: count_tests.py FILE EXIT_CODE …

Each run of Bazel gives a file and an exit code; the last line adds them up. A test that could not
be built or was not run has failed. So has a build that failed without failing a test: the last line
never says that all is well when Bazel did not.
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


def report(runs):
    """Returns (what to print, exit code) for [(lines, exit code of Bazel), …]."""
    text, passed_in_all, failures_in_all = "", 0, 0
    for lines, exit_code in runs:
        passed, failed = count(lines)
        text += "".join(f"{status} {label}\n" for label, status in sorted(failed.items()))
        failures = len(failed)
        if exit_code != 0 and failures == 0:
            text += f"Bazel ended with exit code {exit_code}, though no test failed: see above.\n"
            failures = 1
        if not passed and failures == 0:
            text += "No test was run.\n"
            failures = 1
        passed_in_all += len(passed)
        failures_in_all += failures
    return f"{text}{passed_in_all} passed, {failures_in_all} failed", int(failures_in_all > 0)


def main(arguments):
    runs = []
    for path, exit_code in zip(arguments[::2], arguments[1::2], strict=True):
        lines = []
        if os.path.exists(path):
            with open(path, encoding="utf-8") as file:
                lines = file.readlines()
        runs.append((lines, int(exit_code)))
    text, code = report(runs)
    print(text)
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
