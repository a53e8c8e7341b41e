"""ssnas_experiment: a spec that can be run by its label.

    ssnas_experiment(
        name = "cifar10_ssnas",
        spec = "cifar10_ssnas.textproto",
    )

    ./bazelw run //experiments:cifar10_ssnas -- --seed=2

The one binary holds every stage and plugin, so an experiment adds a small script and no link of its own.
"""

def _runfiles_path(ctx, file):
    """Where a file is below a runfiles folder: short_path is relative to the main repository's part of it."""
    if file.short_path.startswith("../"):
        return file.short_path[len("../"):]
    return ctx.workspace_name + "/" + file.short_path

def _ssnas_experiment_impl(ctx):
    launcher = ctx.actions.declare_file(ctx.label.name)
    ctx.actions.expand_template(
        template = ctx.file._template,
        output = launcher,
        substitutions = {
            "{LABEL}": "//%s:%s" % (ctx.label.package, ctx.label.name),
            "{BINARY}": _runfiles_path(ctx, ctx.executable.binary),
            "{SPEC}": _runfiles_path(ctx, ctx.file.spec),
        },
        is_executable = True,
    )
    runfiles = ctx.runfiles(files = [ctx.file.spec])
    runfiles = runfiles.merge(ctx.attr.binary[DefaultInfo].default_runfiles)
    for dependency in ctx.attr.data:
        runfiles = runfiles.merge(ctx.runfiles(transitive_files = dependency.files))
        runfiles = runfiles.merge(dependency[DefaultInfo].default_runfiles)
    return [DefaultInfo(executable = launcher, runfiles = runfiles)]

ssnas_experiment = rule(
    implementation = _ssnas_experiment_impl,
    executable = True,
    attrs = {
        "spec": attr.label(
            mandatory = True,
            allow_single_file = [".textproto"],
            doc = "The experiment: a textproto of ssnas.ExperimentSpec.",
        ),
        "binary": attr.label(
            default = "//tools:ssnas",
            executable = True,
            cfg = "target",
            doc = "What runs it: another one where the experiment names plugins that are not of this repository.",
        ),
        "data": attr.label_list(
            allow_files = True,
            doc = "Other files that it reads.",
        ),
        "_template": attr.label(
            default = "//tools/build:experiment.sh.tpl",
            allow_single_file = True,
        ),
    },
)
