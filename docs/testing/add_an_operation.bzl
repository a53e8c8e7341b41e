"""What docs/add_an_operation.md makes, as the repository @added_operation.

The commands are read out of the page and run on a copy of ssnas/ops, so the page and the test in this folder cannot
drift apart. The new folder lies there as in a repository that holds plugins of its own: its BUILD file names SSNAS
where it said //. Also there are

    ops_build.txt    ssnas/ops/BUILD after the page's commands
    page.bzl         FAMILY, the new folder's name; TESTS and PROGRAMS, what the page says to test and to run
"""

_PAGE = Label("//docs:add_an_operation.md")

def _blocks(text, language):
    """Returns the page's code blocks of one language."""
    return [part.split("\n```")[0] for part in text.split("```%s\n" % language)[1:]]

def _copied(steps):
    """Returns the folders of `cp -r FROM TO`."""
    for line in steps.split("\n"):
        words = line.split(" ")
        if words[:2] == ["cp", "-r"] and len(words) == 4:
            return words[2], words[3]
    fail("%s has no line `cp -r FROM TO`" % _PAGE)

def _named(blocks, verb):
    """Returns the targets of `./bazelw VERB TARGET…`."""
    found = []
    for line in "\n".join(blocks).split("\n"):
        words = line.split(" ")
        if words[:2] == ["./bazelw", verb]:
            found += words[2:]
    return found

def _label(target, folder):
    """Returns where the page's target lies: of the new folder here, of all else in SSNAS."""
    if target == "//%s/..." % folder:
        return "@ssnas//docs/testing:added_test"  # Bazel 4 runs no test of another repository.
    if target.startswith("//%s:" % folder):
        return "@added_operation" + target
    return "@ssnas" + target

def _run(ctx, script):
    result = ctx.execute(["sh", "-eu", "-c", script], timeout = 60)
    if result.return_code != 0:
        fail("the commands of %s failed:\n%s\n%s%s" % (_PAGE, script, result.stdout, result.stderr))

def _added_operation_impl(ctx):
    ops = ctx.path(Label("//ssnas/ops:BUILD")).dirname
    text = ctx.read(ctx.path(_PAGE))
    blocks = _blocks(text, "sh")
    source, folder = _copied(blocks[0])

    # Asking for the path of a file runs this again when the file changes.
    for file in ops.get_child(source.split("/")[-1]).readdir():
        ctx.path(Label("//%s:%s" % (source, file.basename)))
    ctx.file("ssnas/.keep")
    _run(ctx, "cp -r '%s' ssnas/ops" % ops)
    _run(ctx, blocks[0])
    _run(ctx, "mv ssnas/ops/BUILD ops_build.txt; mv '%s' made; rm -r ssnas/ops; mkdir -p ssnas/ops; mv made '%s'" %
              (folder, folder))
    _run(ctx, "sed -i '/visibility/!s|\"//|\"@ssnas//|g' '%s/BUILD'" % folder)
    ctx.file("BUILD.bazel", 'exports_files(["ops_build.txt"])\n')
    ctx.file("page.bzl", "FAMILY = %r\n\nTESTS = %r\n\nPROGRAMS = %r\n" % (
        folder.split("/")[-1],
        [_label(target, folder) for target in _named(blocks, "test")],
        [_label(target, folder) for target in _named(blocks, "run")],
    ))

added_operation = repository_rule(
    implementation = _added_operation_impl,
    local = True,
)
