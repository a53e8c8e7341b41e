"""Wheels from the Python package index, pinned by hash, as Bazel repositories.

pip fetches them, so that its own configuration (a mirror, a proxy, a folder of wheels) holds here too. Nothing is
installed, and no Python code of a wheel is run.
"""

# pip takes a wheel only for a platform that is named here; older ones in the name mean an older libc, which is fine.
_PLATFORMS = [
    "manylinux_2_28_x86_64",
    "manylinux_2_27_x86_64",
    "manylinux_2_25_x86_64",
    "manylinux_2_18_x86_64",
    "manylinux_2_17_x86_64",
    "manylinux2014_x86_64",
    "manylinux_2_12_x86_64",
]

def _run(ctx, what, command):
    result = ctx.execute(command, timeout = 3600)
    if result.return_code != 0:
        fail("third_party/pypi: cannot %s for @%s:\n%s%s" % (what, ctx.name, result.stdout, result.stderr))

def _pypi_wheels_impl(ctx):
    python = ctx.which("python3")
    if not python or ctx.execute([python, "-m", "pip", "--version"]).return_code != 0:
        fail("third_party/pypi needs python3 with pip. Start with ./bazelw, or install python3-pip.")
    ctx.file("requirements.txt", "".join([
        "%s --hash=sha256:%s\n" % (requirement, hash)
        for requirement, hash in ctx.attr.wheels.items()
    ]))
    ctx.report_progress("downloading " + ", ".join(ctx.attr.wheels))
    download = ["--no-deps", "--require-hashes", "--only-binary=:all:"]
    target = ["--implementation", "cp", "--python-version", "3.11", "--abi", "cp311", "--abi", "none"]
    for platform in _PLATFORMS:
        target += ["--platform", platform]
    pip = [python, "-m", "pip", "download", "--quiet"]
    _run(ctx, "download wheels", pip + download + target + ["-r", "requirements.txt", "-d", "wheels"])
    ctx.report_progress("unpacking")
    _run(ctx, "unpack wheels", [python, ctx.path(ctx.attr._unpack), "wheels"] + ctx.attr.files)
    ctx.delete("wheels")
    ctx.symlink(ctx.attr.build_file, "BUILD.bazel")

_ATTRS = {
    "wheels": attr.string_dict(mandatory = True, doc = "{requirement: SHA-256 of its wheel}"),
    "files": attr.string_list(
        mandatory = True,
        doc = "What to unpack: shell patterns; with ! before them, what not to.",
    ),
    "build_file": attr.label(mandatory = True, allow_single_file = True),
    "_unpack": attr.label(default = "//third_party/pypi:unpack.py", allow_single_file = True),
}

pypi_wheels = repository_rule(
    implementation = _pypi_wheels_impl,
    attrs = _ATTRS,
)

def _python_wheels_impl(ctx):
    if not ctx.os.environ.get("SSNAS_PYTHON"):
        _pypi_wheels_impl(ctx)
        return
    ctx.file("requirements.txt", "# Nothing: SSNAS_PYTHON names a Python that has them.\n")
    ctx.symlink(ctx.attr.build_file, "BUILD.bazel")

# The same, for Python to import; empty where SSNAS_PYTHON names a Python that has what tests need.
python_wheels = repository_rule(
    implementation = _python_wheels_impl,
    attrs = _ATTRS,
    environ = ["SSNAS_PYTHON"],
)
