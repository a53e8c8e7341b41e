"""Each check finds what it is for, and lets pass what looks like it."""

import unittest

from tools.lint import checks
from tools.lint import functions


def found(check, path, text):
    return [number for number, _ in check(path, text)]


class ChecksTest(unittest.TestCase):
    def test_length(self):
        self.assertEqual(found(checks.length, "a.cc", "\n" * 500), [])
        self.assertEqual(found(checks.length, "a.cc", "\n" * 501), [501])
        self.assertEqual(found(checks.length, "third_party/debian/lock.bzl", "\n" * 501), [])

    def test_columns(self):
        self.assertEqual(found(checks.columns, "a.cc", "x" * 100), [])
        self.assertEqual(found(checks.columns, "a.cc", "\n" + "x" * 101), [2])
        self.assertEqual(found(checks.columns, "a.bzl", "x" * 120), [])
        self.assertEqual(found(checks.columns, "a.bzl", "x" * 121), [1])
        self.assertEqual(found(checks.columns, "a.md", "x" * 1000), [])
        self.assertEqual(found(checks.columns, "a.cc", '#include "' + "x" * 101 + '"'), [])
        self.assertEqual(found(checks.columns, "a.cc", "α" * 100), [], "characters, not bytes")

    def test_white_space(self):
        self.assertEqual(found(checks.white_space, "a.cc", "a \nb\t\nc\n"), [1, 2])
        self.assertEqual(found(checks.white_space, "a.cc", "a"), [1])
        self.assertEqual(found(checks.white_space, "a.cc", ""), [])

    def test_own_header_first(self):
        check = checks.own_header_first
        self.assertEqual(found(check, "x/a.cc", '#include "x/a.h"\n#include <map>\n'), [])
        self.assertEqual(found(check, "x/a.cc", '#include <map>\n#include "x/a.h"\n'), [1])
        self.assertEqual(found(check, "x/main.cc", "#include <map>\n"), [], "has no header")
        self.assertEqual(found(check, "x/a_test.cc", "#include <map>\n"), [])

    def test_logging_headers(self):
        check = checks.logging_headers
        self.assertEqual(found(check, "a.cc", "#include <glog/logging.h>\n"), [1])
        self.assertEqual(found(check, "a.cc", '#include "glog/stl_logging.h"\n'), [1])
        self.assertEqual(found(check, "a.cc", "# include <c10/util/Logging.h>\n"), [1])
        self.assertEqual(found(check, "a.cc", '#include "ssnas/core/logging.h"\n'), [])
        self.assertEqual(found(check, "ssnas/core/logging.h", "#include <glog/logging.h>\n"), [])

    def test_unfinished(self):
        for word in ["TO" "DO", "FIX" "ME", "XX" "X"]:
            self.assertEqual(found(checks.unfinished, "a.cc", f"// {word}(me): more\n"), [1], word)
        self.assertEqual(found(checks.unfinished, "a.sh", "mktemp /tmp/a.XXXXXX\n"), [])

    def test_hosts(self):
        self.assertEqual(found(checks.hosts, "a.md", "see https:" "//packages.example/x\n"), [1])
        self.assertEqual(found(checks.hosts, "a.md", "(https://arxiv.org/abs/2007.01500).\n"), [])

    def test_local_paths(self):
        for path in ["/home" "/me/x", "/root" "/.cache", "/Users" "/me"]:
            self.assertEqual(found(checks.local_paths, "a.md", f"in {path}\n"), [1], path)
        self.assertEqual(found(checks.local_paths, "a.md", "in ~/.cache, x/home" "/y\n"), [])
        self.assertEqual(found(checks.local_paths, "a.sh", '"$a/work" "${a}/work' '/b"\n'), [])

    def test_banner(self):
        guard = "#ifndef A_H_\n#define A_H_\n"
        self.assertEqual(found(checks.banner, "a.h", "// What it is.\n" + guard), [])
        self.assertEqual(found(checks.banner, "a.h", guard + "\n// What it is.\n"), [])
        self.assertEqual(found(checks.banner, "a.h", "#pragma once\n// What it is.\n"), [])
        self.assertEqual(found(checks.banner, "a.h", guard + "#include <map>\n"), [1])
        self.assertEqual(found(checks.banner, "a.h", "// x\n" * 26 + guard), [1])
        self.assertEqual(found(checks.banner, "a.cc", "int x;\n"), [])

    def test_include_guard(self):
        check = checks.include_guard
        self.assertEqual(found(check, "ssnas/a-b.h", "// x\n#ifndef SSNAS_A_B_H_\n"), [])
        self.assertEqual(found(check, "ssnas/a.h", "// x\n#ifndef A_H\n"), [2])
        self.assertEqual(found(check, "examples/other/a/b.h", "// x\n#ifndef A_B_H_\n"), [])
        self.assertEqual(found(check, "ssnas/a.h", "#pragma once\n"), [])

    def test_tolerances(self):
        for line in [
            "EXPECT_NEAR(f(a, b), c, 1e-5);",
            "EXPECT_NEAR(a,\n            b, 0.5f);",
            "EXPECT_THAT(a, FloatNear(b, 1.e-3f));",
            "EXPECT_TRUE(at::allclose(a, b, 1e-4, 1e-6));",
        ]:
            self.assertEqual(found(checks.tolerances, "a_test.cc", line + "\n"), [1], line)
        for line in [
            "EXPECT_NEAR(a, b, ErrorBound(n, sum, eps));",
            "EXPECT_NEAR(a, b, 1e-5 * scale);",
            "EXPECT_NEAR(a, b, 1e-5);  // tolerance: digits in the paper's table",
            "EXPECT_NEAR(a,\n            b, 1e-5);  // tolerance: digits in the table",
            "// EXPECT_NEAR(a, b, 1e-5);",
            "EXPECT_NEAR(a, b, 0);",
        ]:
            self.assertEqual(found(checks.tolerances, "a_test.cc", line + "\n"), [], line)

    def test_run_sorts_and_names_the_place(self):
        self.assertEqual(
            checks.run("a.cc", "int a; \n// TO" + "DO\n"),
            [
                "a.cc:1: white space at the end of the line",
                "a.cc:2: TO" "DO: finish it, or write down in docs/ what is missing",
            ],
        )


class FunctionsTest(unittest.TestCase):
    def test_functions(self):
        text = """\
#define MACRO(x) \\
  if (x) {
namespace a {
struct S {
  S(int x) : x_(x), y_{0} {}
  int Get() const override {
    return 1'000;  // a brace: {
  }
  int y_;
};
int table[] = {1, 2};
template <typename T>
auto F(T x) -> int {
  if (x) {
    return G([&](int y) {
      return y;
    });
  }
  return '{' + "}"[0];
}
TEST(A, B) {
}
}  // namespace a
"""
        self.assertEqual(
            [(name, first, last) for name, first, last in functions.find(text) if last > first],
            [("Get", 6, 8), ("F", 12, 20), ("TEST", 21, 22)],
        )

    def test_function_length(self):
        text = "void F() {\n" + "  g();\n" * 58 + "}\n"
        self.assertEqual(list(checks.function_length("a.cc", text)), [])
        text = "void F() {\n" + "  g();\n" * 59 + "}\n"
        self.assertEqual(found(checks.function_length, "a.cc", text), [1])


if __name__ == "__main__":
    unittest.main()
