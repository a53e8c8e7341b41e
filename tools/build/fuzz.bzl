"""fuzz_test: libFuzzer's entry point as a test over a corpus and deterministic damage of it.

    fuzz_test(
        name = "safetensors_fuzz",
        corpus = glob(["testdata/safetensors/*"]),
        deps = [":safetensors"],
    )

takes safetensors_fuzz.cc, which defines LLVMFuzzerTestOneInput. With --config=fuzz the same file is libFuzzer's:

    ./bazelw run --config=fuzz //ssnas/core/testing:safetensors_fuzz -- -max_total_time=600 FOLDER
"""

def fuzz_test(name, corpus, deps, changes = 2000):
    """Runs a fuzz target as a test.

    Args:
      name: of the test and of its source file.
      corpus: files, or labels that stand for files.
      deps: of the source file.
      changes: how many damaged inputs to try.
    """
    native.cc_test(
        name = name,
        size = "small",
        srcs = [name + ".cc"],
        args = ["--changes=%d" % changes] + ["$(locations %s)" % label for label in corpus],
        data = corpus,
        linkstatic = True,
        deps = ["//ssnas/core/testing:fuzz_main"] + deps,
    )
