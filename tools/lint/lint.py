"""Checks every file of the repository: lint.py FILE_AT_ITS_ROOT [PATH…]

The tree is found through a file at its root that Bazel links into the test's runfiles, because no
rule could name the sources of every package as its data.
"""

import os
import sys

from tools.lint import checks

CHECKED = (
    ".BUILD",
    ".bzl",
    ".cc",
    ".cu",
    ".cuh",
    ".h",
    ".md",
    ".proto",
    ".py",
    ".sh",
    ".textproto",
    ".tpl",
)
CHECKED_NAMES = {".bazelrc", "BUILD", "WORKSPACE", "bazelw"}


def is_checked(name, folder):
    is_command = folder in ("tools", ".ci") and "." not in name
    return name.endswith(CHECKED) or name in CHECKED_NAMES or is_command


def sources(root):
    """Yields the repository's own text files, as sorted relative paths."""
    for folder, folders, names in os.walk(root):
        relative = os.path.relpath(folder, root).replace(os.sep, "/")
        # Other trees begin where Bazel's links, runs and hidden folders do.
        folders[:] = sorted(
            name
            for name in folders
            if not os.path.islink(os.path.join(folder, name))
            and (not name.startswith(".") or name == ".ci")
            and not (relative == "." and name == "runs")
        )
        for name in sorted(names):
            path = os.path.join(folder, name)
            if is_checked(name, relative) and not os.path.islink(path):
                yield name if relative == "." else f"{relative}/{name}"


def main(arguments):
    root = os.path.dirname(os.path.realpath(arguments[0]))
    paths = arguments[1:] or list(sources(root))
    findings = []
    for path in paths:
        with open(os.path.join(root, path), encoding="utf-8") as file:
            findings += checks.run(path, file.read())
    for line in findings:
        print(line)
    print(f"{len(paths)} files, {len(findings)} findings")
    return int(bool(findings))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
