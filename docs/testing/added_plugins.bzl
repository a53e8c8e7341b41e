"""What docs/add_an_operation.md and its neighbours make, as the repositories @added_operation, @added_objective, ….

The commands are read out of the page and run on a copy of the folder that holds all plugins of the kind, so the pages
and the tests in this folder cannot drift apart. The new folder lies there as in a repository that holds plugins of its
own: its BUILD file names SSNAS where it said //. Also there are

    build.txt    the BUILD file that lists all of the kind, after the page's commands
    page.bzl     PAGE: folder, the new one, from the root of a repository; tests and programs, what the page says to
                 test and to run
"""

def _blocks(text, language):
    """Returns the page's code blocks of one language."""
    return [part.split("\n```")[0] for part in text.split("```%s\n" % language)[1:]]

def _copied(page, steps):
    """Returns the folders of `cp -r FROM TO`."""
    for line in steps.split("\n"):
        words = line.split(" ")
        if words[:2] == ["cp", "-r"] and len(words) == 4:
            return words[2], words[3]
    fail("%s has no line `cp -r FROM TO`" % page)

def _named(blocks, verb):
    """Returns the targets of `./bazelw VERB TARGET…`."""
    found = []
    for line in "\n".join(blocks).split("\n"):
        words = line.split(" ")
        if words[:2] == ["./bazelw", verb]:
            found += words[2:words.index("--")] if "--" in words else words[2:]
    return found

def _label(ctx, target, folder):
    """Returns where the page's target lies: of the new folder here, of all else in SSNAS."""
    if target == "//%s/..." % folder:
        return "@ssnas//docs/testing:%s_test" % ctx.name  # Bazel 4 runs no test of another repository.
    if target.startswith("//%s:" % folder):
        return "@%s%s" % (ctx.name, target)
    return "@ssnas" + target

def _run(ctx, script):
    result = ctx.execute(["sh", "-eu", "-c", script], timeout = 60)
    if result.return_code != 0:
        fail("the commands of %s failed:\n%s\n%s%s" % (ctx.attr.page, script, result.stdout, result.stderr))

def _added_plugin_impl(ctx):
    blocks = _blocks(ctx.read(ctx.path(ctx.attr.page)), "sh")
    source, folder = _copied(ctx.attr.page, blocks[0])
    kind = folder[:folder.rfind("/")]  # "ssnas/ops"
    there = ctx.path(Label("//%s:BUILD" % kind)).dirname

    # Asking for the path of a file runs this again when the file changes.
    for file in there.get_child(source.split("/")[-1]).readdir():
        ctx.path(Label("//%s:%s" % (source, file.basename)))
    ctx.file(kind + "/.keep")
    _run(ctx, "rm -r '%s'; cp -r '%s' '%s'" % (kind, there, kind))
    _run(ctx, blocks[0])
    _run(ctx, "mv '%s/BUILD' build.txt; mv '%s' made; rm -r '%s'; mkdir '%s'; mv made '%s'" %
              (kind, folder, kind, kind, folder))
    _run(ctx, "sed -i '/visibility/!s|\"//|\"@ssnas//|g' '%s/BUILD'" % folder)
    ctx.file("BUILD.bazel", 'exports_files(["build.txt"])\n')
    ctx.file("page.bzl", "PAGE = struct(folder = %r, tests = %r, programs = %r)\n" % (
        folder,
        [_label(ctx, target, folder) for target in _named(blocks, "test")],
        [_label(ctx, target, folder) for target in _named(blocks, "run")],
    ))

_added_plugin = repository_rule(
    implementation = _added_plugin_impl,
    attrs = {"page": attr.label(mandatory = True, allow_single_file = [".md"])},
    local = True,
)

# What a page adds: the article in its name.
_PAGES = {
    "augmentation": "an",
    "dataset": "a",
    "module_operation": "a",
    "objective": "an",
    "operation": "an",
}

def added_plugins():
    """Declares them, for the WORKSPACE of SSNAS."""
    for name, article in _PAGES.items():
        _added_plugin(
            name = "added_" + name,
            page = "//docs:add_%s_%s.md" % (article, name),
        )
