"""Turns Abseil's pkg-config files into one Bazel target a module.

Debian's Abseil is some 70 static archives that depend on each other in a fixed order. The pkg-config files hold
that order, and Bazel keeps it when each module is a target of its own.
"""

_LIB = "usr/lib/x86_64-linux-gnu"

def _field(lines, name):
    for line in lines:
        if line.startswith(name + ":"):
            return line[len(name) + 1:].strip()
    return ""

def _module_names(text):
    """"absl_a = 20220623, absl_b = 20220623" → ["a", "b"]."""
    names = [item.strip().split(" ")[0] for item in text.split(",")]
    return [name[len("absl_"):] for name in names if name.startswith("absl_")]

def write_absl_modules(ctx, folder):
    """Writes <folder>/modules.bzl: the list MODULES, and absl_modules(headers), which declares them.

    Args:
      ctx: the repository context.
      folder: where libabsl-dev has been unpacked.
    """
    modules = []
    body = []
    for file in sorted(ctx.path("%s/%s/pkgconfig" % (folder, _LIB)).readdir(), key = str):
        name = file.basename[len("absl_"):-len(".pc")]
        lines = ctx.read(file).splitlines()
        archives = [
            "%s/lib%s.a" % (_LIB, flag[2:])
            for flag in _field(lines, "Libs").split(" ")
            if flag.startswith("-labsl_")
        ]
        deps = [":" + dep for dep in _module_names(_field(lines, "Requires"))]
        modules.append(name)
        body.append("    native.cc_library(name = \"%s\", srcs = %s, deps = [headers] + %s)" % (name, archives, deps))
    ctx.file(folder + "/modules.bzl", """# Written by //third_party/absl:pkg_config.bzl.
MODULES = %s

def absl_modules(headers):
%s
""" % (modules, "\n".join(body)), executable = False)
