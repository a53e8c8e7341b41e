"""python_test: a test written in Python, run by the machine's python3 and nothing but its standard library.

Bazel 4.2.3's own py_test starts a program called `python`, which Debian 12 does not have.
"""

def python_test(name, module, srcs, args = [], **kwargs):
    """Runs a module of this repository as a test.

    Args:
      name: of the test.
      module: what `python3 -m` runs, for example "tools.lint.checks_test".
      srcs: the Python files that it needs, its own among them.
      args: for the module.
      **kwargs: as of sh_test.
    """
    native.sh_test(
        name = name,
        srcs = ["//tools/build:run_python_module.sh"],
        args = [module] + args,
        data = srcs + kwargs.pop("data", []),
        **kwargs
    )
