"""What the lint test asks of a file. A check takes (path, text) and yields (line number, message).

Paths are relative to the root of the repository and written with `/`.
"""

import re

from tools.lint import functions

MAX_LINES = 500
MAX_FUNCTION_LINES = 60
MAX_BANNER_LINES = 25

# Written by a tool, or not ours to shorten.
ANY_LENGTH = {"third_party/debian/lock.bzl"}

CPP = (".cc", ".h", ".cu", ".cuh")

# glog's macros and libtorch's have the same names, and the later include wins in silence.
LOGGING_WRAPPER = "ssnas/core/logging.h"
MAY_INCLUDE_LOGGING = {LOGGING_WRAPPER, "third_party/smoke_test/smoke_test.cc"}
LOGGING_HEADER = re.compile(r'#\s*include\s*[<"](glog/|c10/util/Logging|c10/util/logging)')

UNFINISHED = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X)\b")

# Sources of methods and formats may be cited. Where packages come from is the business of the
# machine's own configuration, so nothing else may be named.
CITABLE = {
    "ai.stanford.edu",
    "arxiv.org",
    "doi.org",
    "en.wikipedia.org",
    "github.com",
    "huggingface.co",
    "keepachangelog.com",
    "openaccess.thecvf.com",
    "openreview.net",
    "proceedings.mlr.press",
    "semver.org",
    "www.apache.org",
    "www.cs.toronto.edu",
    "www.w3.org",
}
URL = re.compile(r"\b(?:https?|ftp)://([A-Za-z0-9.-]+)")
LOCAL_PATH = re.compile(r"(?<![\w./~}])/(?:home|root|work|farm|Users)/[\w.]")

INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]')
GUARD = re.compile(r"^#\s*(?:ifndef|pragma once)")

TOLERANCE_CALL = re.compile(
    r"\b((?:EXPECT|ASSERT)_NEAR|(?:Float|Double)Near|allclose|isclose)\s*\("
)
NUMBER = re.compile(r"^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?[fF]?$")
TOLERANCE_REASON = "// tolerance: "


def is_cpp(path):
    return path.endswith(CPP)


def max_columns(path):
    """Starlark and shell get 120: they hold labels, paths and flags, which do not break well."""
    if is_cpp(path) or path.endswith((".proto", ".py")):
        return 100
    starlark = (".bzl", "/BUILD", ".BUILD")
    if path.endswith(starlark + (".sh",)) or path in ("BUILD", "WORKSPACE", "bazelw"):
        return 120
    return None


def length(path, text):
    lines = text.count("\n")
    if path not in ANY_LENGTH and lines > MAX_LINES:
        yield lines, f"{lines} lines; the limit is {MAX_LINES}. Split it by subject"


def columns(path, text):
    limit = max_columns(path)
    if limit is None:
        return
    for number, line in enumerate(text.splitlines(), 1):
        if len(line) > limit and "://" not in line and not INCLUDE.match(line):
            yield number, f"{len(line)} columns; the limit is {limit}"


def white_space(path, text):
    for number, line in enumerate(text.splitlines(), 1):
        if line != line.rstrip():
            yield number, "white space at the end of the line"
    if text and not text.endswith("\n"):
        yield text.count("\n") + 1, "no newline at the end of the file"


def own_header_first(path, text):
    """If foo.cc has a foo.h, that comes first, so that each header is known to stand alone."""
    if not path.endswith((".cc", ".cu")) or path.endswith(("_test.cc", "_benchmark.cc")):
        return
    own = path.rsplit(".", 1)[0] + ".h"
    includes = [
        (number, match.group(1))
        for number, line in enumerate(text.splitlines(), 1)
        if (match := INCLUDE.match(line))
    ]
    if own in [name for _, name in includes] and includes[0][1] != own:
        yield includes[0][0], f'the first include of a .cc is its own header, "{own}"'


def logging_headers(path, text):
    if not is_cpp(path) or path in MAY_INCLUDE_LOGGING:
        return
    for number, line in enumerate(text.splitlines(), 1):
        if LOGGING_HEADER.search(line):
            yield number, (
                f'include "{LOGGING_WRAPPER}" instead: the macros of glog and libtorch have the '
                "same names"
            )


def unfinished(path, text):
    for number, line in enumerate(text.splitlines(), 1):
        if match := UNFINISHED.search(line):
            yield number, f"{match.group(1)}: finish it, or write down in docs/ what is missing"


def hosts(path, text):
    for number, line in enumerate(text.splitlines(), 1):
        for match in URL.finditer(line):
            if match.group(1).rstrip(".") not in CITABLE:
                yield number, (
                    f"names the host {match.group(1)}. A source that may be cited goes into "
                    "CITABLE in tools/lint/checks.py; package hosts are not named anywhere"
                )


def local_paths(path, text):
    for number, line in enumerate(text.splitlines(), 1):
        if match := LOCAL_PATH.search(line):
            yield number, f"'{match.group(0)}…' is a path of one machine"


def banner(path, text):
    """A header opens with a comment: before the include guard, or right after it."""
    if not path.endswith((".h", ".cuh")):
        return
    lines = text.splitlines()
    before = 0
    while before < len(lines) and lines[before].startswith("//"):
        before += 1
    if before > MAX_BANNER_LINES:
        yield 1, f"the banner has {before} lines; the limit is {MAX_BANNER_LINES}"
    if before:
        return
    guard = next((i for i, line in enumerate(lines) if GUARD.match(line)), None)
    body = [] if guard is None else lines[guard + 1 :]
    body = [line for line in body if line.strip() and not line.startswith("#define")]
    if not body or not body[0].startswith("//"):
        yield 1, "a header opens with a comment that says what it is for"


def include_guard(path, text):
    if not path.endswith((".h", ".cuh")) or re.search(r"^#\s*pragma once", text, re.M):
        return
    # Each example is a workspace of its own, where includes begin.
    inside = re.sub(r"^examples/[^/]+/", "", path)
    wanted = re.sub(r"[^A-Z0-9]", "_", inside.upper()) + "_"
    match = re.search(r"^#ifndef (\w+)", text, re.M)
    if not match or match.group(1) != wanted:
        number = text[: match.start()].count("\n") + 1 if match else 1
        # A file that Highway includes once for each target has a guard that it toggles.
        if "HWY_TARGET_TOGGLE" not in text:
            yield number, f"the include guard is {wanted}"


def last_argument(text, start):
    """The last argument of the call whose `(` ends at `start`, and where the call ends."""
    depth, begin = 1, start
    for i in range(start, len(text)):
        if text[i] in "([{":
            depth += 1
        elif text[i] in ")]}":
            depth -= 1
            if depth == 0:
                return text[begin:i].strip(), i
        elif text[i] == "," and depth == 1:
            begin = i + 1
    return "", len(text)


def tolerances(path, text):
    """A tolerance is computed (ssnas/core/testing), or its line says why the number is right."""
    if not is_cpp(path):
        return
    code = functions.without_comments(text)
    lines = text.splitlines()
    for match in TOLERANCE_CALL.finditer(code):
        argument, end = last_argument(code, match.end())
        first = code.count("\n", 0, match.start())
        last = code.count("\n", 0, end)
        if not NUMBER.match(argument) or float(argument.rstrip("fF")) == 0:
            continue
        if not any(TOLERANCE_REASON in line for line in lines[first : last + 1]):
            yield first + 1, (
                f"the tolerance {argument} is a bare number. Compute it with ErrorBound "
                f"(ssnas/core/testing/compare.h), or end the line in '{TOLERANCE_REASON}why'"
            )


def function_length(path, text):
    if not is_cpp(path):
        return
    for name, first, last in functions.find(text):
        lines = last - first + 1
        if lines > MAX_FUNCTION_LINES:
            yield first, f"{name} has {lines} lines; the limit is {MAX_FUNCTION_LINES}"


ALL = [
    length,
    columns,
    white_space,
    own_header_first,
    logging_headers,
    unfinished,
    hosts,
    local_paths,
    banner,
    include_guard,
    tolerances,
    function_length,
]


def run(path, text):
    """Returns every finding in a file, as `path:line: message`."""
    findings = [
        (number, message) for check in ALL for number, message in check(path, text)
    ]
    return [f"{path}:{number}: {message}" for number, message in sorted(findings)]
