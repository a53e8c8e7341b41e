"""Prints `N passed, N failed` from Bazel's build event files: count_tests.py FILE EXIT_CODE …

Each run of Bazel gives a file and an exit code; the last line adds them up. A test that could not
be built or was not run has failed, unless the run's own --test_tag_filters left it out. So has a
build that failed without failing a test: the last line never says that all is well when Bazel did
not.
"""

import json
import os
import sys

PASSED = {"PASSED", "FLAKY"}


def left_out(tags, filters):
    """Whether --test_tag_filters=FILTERS leaves out a test with these tags."""
    excluded = {word[1:] for word in filters if word.startswith("-")}
    required = {word.removeprefix("+") for word in filters if not word.startswith("-")}
    return bool(excluded & tags) or bool(required and not required & tags)


def count(lines):
    """Returns (labels of tests that passed, {label: status} of those that did not)."""
    configured, statuses, filters = {}, {}, []
    for line in lines:
        event = json.loads(line)
        kind = event.get("id", {})
        if "optionsParsed" in kind:
            for option in event.get("optionsParsed", {}).get("cmdLine", []):
                if option.startswith("--test_tag_filters="):  # The last one counts.
                    filters = [word for word in option.split("=", 1)[1].split(",") if word]
        elif "targetConfigured" in kind:
            # "cc_test rule", "sh_test rule"; a target that failed to load has no such event.
            target = event.get("configured", {})
            if target.get("targetKind", "").endswith("_test rule"):
                configured[kind["targetConfigured"]["label"]] = set(target.get("tag", []))
        elif "testSummary" in kind:
            statuses[kind["testSummary"]["label"]] = event["testSummary"]["overallStatus"]
    expected = {label for label, tags in configured.items() if not left_out(tags, filters)}
    failed = {label: statuses.get(label, "NOT RUN") for label in expected | set(statuses)}
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
