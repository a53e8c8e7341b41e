"""A plugin's folder in one call: library, registration, test and, for operations, benchmark.

ssnas_op(name = "sep_conv", deps = [...]) takes, by name, sep_conv.h, sep_conv.cc, sep_conv.proto, sep_conv_register.cc,
sep_conv_test.cc, sep_conv_benchmark.cc and example.textproto, and makes

    :sep_conv                  the logic, which knows nothing of the registry's names
    :sep_conv_cc_proto         its config
    :sep_conv_register         the registration; whoever links it has the plugin
    :sep_conv_test             its own test
    :sep_conv_benchmark        operations only
    :sep_conv_example          the smallest spec that works, which the conformance suite builds

A file that is missing is an error when the package is loaded, so no plugin is without its test.
"""

load(":conformance.bzl", _ssnas_conformance_test = "ssnas_conformance_test")
load(":embed.bzl", "ssnas_embed")
load(":experiment.bzl", _ssnas_experiment = "ssnas_experiment")

ssnas_conformance_test = _ssnas_conformance_test
ssnas_experiment = _ssnas_experiment

_KINDS = {
    "operation": struct(interface = Label("//ssnas/ops:operation"), all_files = ["_benchmark.cc"]),
    "objective": struct(interface = Label("//ssnas/objectives:objective"), all_files = []),
    "dataset": struct(interface = Label("//ssnas/datasets:dataset"), all_files = []),
    "augmentation": struct(interface = Label("//ssnas/datasets/augmentations:augmentation"), all_files = []),
}

# Label(…) is a target of this repository also where a plugin lives in another one.
_BENCHMARK_MAIN = Label("//third_party/benchmark:main")
_GTEST_MAIN = Label("//third_party/gtest:main")
_OPTIONS_PROTO = Label("//ssnas/proto:options_proto")
_REGISTRY = Label("//ssnas/core:registry")

def _require(kind, name):
    suffixes = [".h", ".cc", ".proto", "_register.cc", "_test.cc"] + _KINDS[kind].all_files
    wanted = [name + suffix for suffix in suffixes] + ["example.textproto"]
    there = native.glob(wanted, allow_empty = True)
    missing = [file for file in wanted if file not in there]
    if missing:
        fail("//%s: the %s '%s' lacks %s. Every plugin has these files; docs/add_a*.md show one." %
             (native.package_name(), kind, name, ", ".join(missing)))

def _plugin(
        kind,
        name,
        deps = [],
        proto_deps = [],
        register_deps = [],
        test_deps = [],
        test_data = [],
        data = [],
        srcs = [],
        hdrs = []):
    """What all kinds share; the arguments of every macro below.

    Args:
      kind: a key of _KINDS.
      name: of the folder and of its files.
      deps: of the logic.
      proto_deps: of its config.
      register_deps: of its registration.
      test_deps: of its test.
      test_data: files that the test reads.
      data: files that the plugin reads at run time.
      srcs: source files beyond those that the name gives.
      hdrs: headers beyond those that the name gives.
    """
    _require(kind, name)
    native.proto_library(
        name = name + "_proto",
        srcs = [name + ".proto"],
        visibility = ["//visibility:public"],
        deps = [_OPTIONS_PROTO] + proto_deps,
    )
    native.cc_proto_library(
        name = name + "_cc_proto",
        visibility = ["//visibility:public"],
        deps = [":" + name + "_proto"],
    )
    native.cc_library(
        name = name,
        srcs = [name + ".cc"] + srcs,
        hdrs = [name + ".h"] + hdrs,
        data = data,
        visibility = ["//visibility:public"],
        deps = [":" + name + "_cc_proto", _KINDS[kind].interface] + deps,
    )
    native.cc_library(
        name = name + "_register",
        srcs = [name + "_register.cc"],
        alwayslink = True,
        visibility = ["//visibility:public"],
        deps = [
            ":" + name,
            ":" + name + "_cc_proto",
            ":" + name + "_embedded",
            _KINDS[kind].interface,
            _REGISTRY,
        ] + register_deps,
    )

    # What --list_plugins and --print_spec show of it.
    ssnas_embed(
        name = name + "_embedded",
        srcs = ["example.textproto"],
        protos = [":" + name + "_proto"],
    )
    native.cc_test(
        name = name + "_test",
        size = "small",
        srcs = [name + "_test.cc"],
        data = test_data,
        linkstatic = True,
        deps = [":" + name, ":" + name + "_cc_proto", _GTEST_MAIN] + test_deps,
    )
    native.filegroup(
        name = name + "_example",
        srcs = ["example.textproto"],
        visibility = ["//visibility:public"],
    )

def ssnas_op(name, benchmark_deps = [], **kwargs):
    """A family of candidate operations, with its benchmark; other arguments are _plugin's."""
    _plugin("operation", name, **kwargs)
    native.cc_binary(
        name = name + "_benchmark",
        srcs = [name + "_benchmark.cc"],
        linkstatic = True,
        tags = ["benchmark"],
        deps = [":" + name, ":" + name + "_register", _BENCHMARK_MAIN] + benchmark_deps,
    )

def ssnas_objective(name, **kwargs):
    """A training objective; arguments are _plugin's."""
    _plugin("objective", name, **kwargs)

def ssnas_dataset(name, **kwargs):
    """A data set; arguments are _plugin's."""
    _plugin("dataset", name, **kwargs)

def ssnas_augmentation(name, **kwargs):
    """One step of a view pipeline; arguments are _plugin's."""
    _plugin("augmentation", name, **kwargs)
