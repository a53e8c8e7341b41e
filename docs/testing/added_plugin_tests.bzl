"""added_plugin_tests: what a page such as docs/add_an_operation.md made (added_plugins.bzl) is a plugin that works."""

load("//tools/build:ssnas.bzl", "ssnas_conformance_test")

def added_plugin_tests(kind, page, made, name = None, test_deps = []):
    """Tests the plugin of a page.

    Args:
      kind: of the plugin.
      page: label of the page.
      made: PAGE of its page.bzl.
      name: what the page adds, where it is not the kind.
      test_deps: of the plugin's own test.
    """
    name = name or kind
    plugin = made.folder.split("/")[-1]
    package = "@added_%s//%s" % (name, made.folder)

    # Known to registry, spec, list and reference page, as the page says.
    native.cc_test(
        name = "%s_page_test" % name,
        size = "small",
        srcs = ["added_plugin_test.cc"],
        data = made.programs + [page, "@added_%s//:build.txt" % name, "%s:%s_example" % (package, plugin)],
        env = {
            "KIND": kind,
            "FOLDER": made.folder,
            "PAGE": "$(rootpath %s)" % page,
            "LIST": "$(rootpath @added_%s//:build.txt)" % name,
        },
        linkstatic = True,
        deps = [
            "%s:%s_register" % (package, plugin),
            "//ssnas/core:file",
            "//ssnas/core:registry",
            "//ssnas/core/testing:plugin_example",
            "//ssnas/plugins:cpu_all",
            "//ssnas/spec",
            "//ssnas/spec:reference",
            "//third_party/absl:strings",
            "//third_party/gtest:main",
        ],
    )
    ssnas_conformance_test(
        name = "%s_conformance_test" % name,
        kind = kind,
        plugins = [package],
    )

    # The new folder's own test.
    native.cc_test(
        name = "added_%s_test" % name,
        size = "small",
        srcs = ["%s:%s_test.cc" % (package, plugin)],
        linkstatic = True,
        deps = [
            "%s:%s" % (package, plugin),
            "%s:%s_cc_proto" % (package, plugin),
            "//third_party/gtest:main",
        ] + test_deps,
    )

    # What the page says to test.
    native.test_suite(
        name = "tests_of_the_%s_page" % name,
        tests = made.tests,
    )
