"""Pinned Debian packages, unpacked into one Bazel repository, a folder for each of lock.bzl.

A build takes from the machine only a compiler, Bazel, Python with pip, apt and dpkg: libraries that happen to be
installed are not used. Packages come from the machine's own apt sources, whichever mirror those name. The package
lists are refreshed into a folder of our own, so that this works on a machine whose lists are empty or old, and for
a user who is not root.
"""

load("//third_party/absl:pkg_config.bzl", "write_absl_modules")
load("//third_party/debian:lock.bzl", "PACKAGES")

_STRICT = "SSNAS_STRICT_PINS"

def _run(ctx, what, command, timeout = 600):
    result = ctx.execute(command, timeout = timeout)
    if result.return_code != 0:
        fail("third_party/debian: cannot %s: `%s` ended with %d\n%s%s" % (
            what,
            " ".join(command),
            result.return_code,
            result.stdout,
            result.stderr,
        ))
    return result.stdout

def _check_host(ctx):
    machine = ctx.execute(["uname", "-m"]).stdout.strip()
    if machine != "x86_64":
        fail("SSNAS builds on x86-64 only, and this is %s." % machine)
    for tool in ["apt-get", "apt-cache", "dpkg-deb", "sha256sum"]:
        if not ctx.which(tool):
            fail("third_party/debian needs `%s`. SSNAS builds on Debian 12, or in a container of it." % tool)

def _apt_options(ctx):
    """Options that keep apt out of the machine's own lists and caches, and its locks."""
    root = str(ctx.path("apt"))
    for folder in ["lists/partial", "cache/archives/partial"]:
        ctx.file("apt/%s/.keep" % folder)
    return [
        "-o",
        "Dir::State::lists=%s/lists" % root,
        "-o",
        "Dir::Cache=%s/cache" % root,
        "-o",
        "Debug::NoLocking=true",
        # As root apt would otherwise fetch as a user who cannot write here, and say so at length.
        "-o",
        "APT::Sandbox::User=root",
    ]

def _available_versions(ctx, apt, names):
    """Returns {package: [version, …]} as the package lists have it, newest first."""
    versions = {}
    for line in _run(ctx, "read the package lists", ["apt-cache"] + apt + ["madison"] + names).splitlines():
        fields = [field.strip() for field in line.split("|")]
        if len(fields) == 3 and fields[2].endswith("Packages"):
            versions.setdefault(fields[0], [])
            versions[fields[0]].append(fields[1])
    return versions

def _choose_versions(ctx, apt, pins):
    """Returns {package: version}: the pinned one, or what has replaced it where that is allowed."""

    # Some source of the machine may be broken and yet every package be there.
    update = ctx.execute(["apt-get"] + apt + ["update", "-q"], timeout = 600)
    available = _available_versions(ctx, apt, sorted(pins))
    missing = [name for name in sorted(pins) if name not in available]
    if missing:
        fail(("third_party/debian: apt knows no package %s. The pins are of Debian 12 (bookworm), main: " +
              "check that /etc/apt names it. `apt-get update` said:\n%s") % (", ".join(missing), update.stderr))
    chosen = {}
    replaced = []
    for name, (version, _) in pins.items():
        if version in available[name]:
            chosen[name] = version
        else:
            chosen[name] = available[name][0]
            replaced.append("%s: pinned %s, Debian now has %s" % (name, version, chosen[name]))
    if replaced:
        message = "third_party/debian: Debian has replaced pinned packages:\n  %s\n" % "\n  ".join(replaced)
        advice = "Run tools/update_lock, test, and commit third_party/debian/lock.bzl."
        if ctx.os.environ.get(_STRICT, "") == "1":
            fail("%s%s (%s=1 makes this an error.)" % (message, advice, _STRICT))

        # buildifier: disable=print
        print("\n%sGoing on with the new versions, which nobody has tested. %s" % (message, advice))
    return chosen

def _debian_packages_impl(ctx):
    _check_host(ctx)
    apt = _apt_options(ctx)
    pins = {}
    for packages in PACKAGES.values():
        pins.update(packages)

    ctx.report_progress("refreshing package lists")
    chosen = _choose_versions(ctx, apt, pins)

    ctx.report_progress("downloading %d packages" % len(chosen))
    ctx.file("debs/.keep")
    _run(
        ctx,
        "download packages",
        ["sh", "-c", "cd debs && rm .keep && exec apt-get \"$@\"", "sh"] + apt + ["download", "-q"] +
        ["%s=%s" % (name, version) for name, version in chosen.items()],
        timeout = 1800,
    )
    files = {file.basename.split("_")[0]: file.basename for file in ctx.path("debs").readdir()}
    sums = ["%s  debs/%s" % (pins[name][1], files[name]) for name in pins if chosen[name] == pins[name][0]]
    ctx.file("sums", "".join([line + "\n" for line in sums]))
    _run(ctx, "verify packages against lock.bzl", ["sha256sum", "--quiet", "-c", "sums"])

    for folder, packages in PACKAGES.items():
        ctx.report_progress("unpacking " + folder)
        ctx.file(folder + "/.keep")
        for name in packages:
            _run(ctx, "unpack " + name, ["dpkg-deb", "-x", "debs/" + files[name], folder])
        ctx.delete(folder + "/.keep")
    for build_file in ctx.attr.build_files:
        ctx.symlink(build_file, build_file.name[:-len(".BUILD")] + "/BUILD.bazel")
    write_absl_modules(ctx, "absl")
    for leftover in ["apt", "debs", "sums"]:
        ctx.delete(leftover)

debian_packages = repository_rule(
    implementation = _debian_packages_impl,
    # As an attribute, they are found before the rule runs. A label that is met while it runs starts it again.
    attrs = {
        "build_files": attr.label_list(default = [
            "//third_party/%s:%s.BUILD" % (folder, folder)
            for folder in PACKAGES
        ]),
    },
    environ = [_STRICT],
)
