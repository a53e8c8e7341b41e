"""ssnas_conformance_test: what every plugin of a kind must keep to, run on some.

    ssnas_conformance_test(
        name = "operations_test",
        kind = "operation",
        plugins = ["//ops/bottleneck"],
    )

Each of `plugins` is a folder declared by //tools/build:ssnas.bzl, of any repository. docs/add_an_operation.md and its
neighbours say what the suites test.
"""

_CHECKS = [
    Label("//ssnas/core:registry"),
    Label("//ssnas/core/testing:compare"),
    Label("//ssnas/core/testing:plugin_example"),
    Label("//ssnas/proto:options_cc_proto"),
    Label("//third_party/gtest:main"),
    Label("//third_party/protobuf"),
]

# Label(…) is a target of this repository also where the plugins live in another one.
_SUITES = {
    "operation": struct(
        source = Label("//ssnas/ops:conformance_test.cc"),
        deps = _CHECKS + [
            Label("//ssnas/engine/fused:fused_engine"),
            Label("//ssnas/engine/reference:reference_engine"),
            Label("//ssnas/engine/testing:block_checks"),
            Label("//ssnas/engine/testing:block_runner"),
            Label("//ssnas/ops:operation"),
            Label("//ssnas/ops/testing:operation_case"),
        ],
    ),
    "objective": struct(
        source = Label("//ssnas/objectives:conformance_test.cc"),
        deps = _CHECKS + [
            Label("//ssnas/core:parameters"),
            Label("//ssnas/core:philox"),
            Label("//ssnas/core/testing:gradient_check"),
            Label("//ssnas/objectives:objective"),
        ],
    ),
    "dataset": struct(
        source = Label("//ssnas/datasets:conformance_test.cc"),
        deps = _CHECKS + [Label("//ssnas/datasets:dataset")],
    ),
    "augmentation": struct(
        source = Label("//ssnas/datasets/augmentations:conformance_test.cc"),
        deps = _CHECKS + [
            Label("//ssnas/core:philox"),
            Label("//ssnas/datasets/augmentations:augmentation"),
            Label("//ssnas/datasets/augmentations/testing:image_checks"),
        ],
    ),
}

def _target(folder, suffix):
    """"//ops/bottleneck" → "//ops/bottleneck:bottleneck_register"."""
    return "%s:%s_%s" % (folder, folder.split("/")[-1], suffix)

def ssnas_conformance_test(name, kind, plugins, args = ["--gtest_filter=-RegistryTest.*"]):
    """Runs the suite of a kind on plugins.

    Args:
      name: of the test.
      kind: operation, objective, dataset or augmentation.
      plugins: their folders.
      args: left as they are but in SSNAS itself, whose RegistryTest asks for the plugins that it comes with.
    """
    if kind not in _SUITES:
        fail("%s: no kind '%s'. The kinds are %s." % (name, kind, ", ".join(sorted(_SUITES))))
    native.cc_test(
        name = name,
        size = "small",
        srcs = [_SUITES[kind].source],
        args = args,
        data = [_target(folder, "example") for folder in plugins],
        linkstatic = True,
        deps = [_target(folder, "register") for folder in plugins] + _SUITES[kind].deps,
    )
