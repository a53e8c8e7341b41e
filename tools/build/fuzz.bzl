"""fuzz_test: libFuzzer's entry point as a test over a corpus and deterministic damage of it.

    fuzz_test(
        name = "safetensors_fuzz",
        corpus = glob(["testdata/safetensors/*"]),
        dictionary = "testdata/safetensors.dict",
        deps = [":safetensors"],
    )

takes safetensors_fuzz.cc, which defines LLVMFuzzerTestOneInput. With --config=fuzz the same file is libFuzzer's, which
starts from the same corpus and dictionary; what it finds is kept in FOLDER:

    ./bazelw run --config=fuzz //ssnas/core/testing:safetensors_fuzz -- -max_total_time=600 FOLDER

`python3 -m tools.fuzz` does that to every target.
"""

def fuzz_test(name, corpus, deps, dictionary = None, changes = 2000):
    """Runs a fuzz target as a test.

    Args:
      name: of the test and of its source file.
      corpus: files, or labels that stand for files.
      deps: of the source file.
      dictionary: words of the format, in libFuzzer's notation; none for a format without words.
      changes: how many damaged inputs to try.
    """
    words = [] if dictionary == None else [dictionary]
    seeds = name + "_seeds"

    # libFuzzer takes single files only in one argument, with commas between them.
    native.genrule(
        name = seeds,
        srcs = corpus,
        outs = [seeds + ".txt"],
        cmd = "printf '%s' \"$(SRCS)\" | tr ' ' ',' > $@",
    )
    native.cc_test(
        name = name,
        size = "small",
        srcs = [name + ".cc"],
        args = select({
            "//ssnas/core/testing:libfuzzer": [
                "-max_total_time=30",
                "-seed_inputs=@$(location :%s)" % seeds,
            ] + ["-dict=$(location %s)" % word for word in words],
            "//conditions:default": ["--changes=%d" % changes] +
                                    ["--dictionary=$(location %s)" % word for word in words] +
                                    ["$(locations %s)" % label for label in corpus],
        }),
        data = corpus + words + [":" + seeds],
        linkstatic = True,
        tags = ["fuzz"],
        deps = ["//ssnas/core/testing:fuzz_main"] + deps,
    )
