"""ssnas_embed: files inside the program, for what it shows of them at run time.

    ssnas_embed(
        name = "sep_conv_embedded",
        protos = [":sep_conv_proto"],
        srcs = ["example.textproto"],
    )

Whoever links it finds the bytes of each in EmbeddedFiles() (ssnas/spec/embedded_file.h). A proto_library is embedded as
a descriptor set with its comments, which the generated C++ does not have, named <name>_<proto>.source_info.bin.
"""

# Label(…) is a target of this repository also where a plugin lives in another one.
_EMBEDDED_FILE = Label("//ssnas/spec:embedded_file")

# Bytes to the inside of a C array.
_BYTES = "od -An -v -tx1 | sed 's/ / 0x/g; s/\\([0-9a-f]\\) /\\1, /g; s/$/,/'"

def _source_info(ctx, proto):
    """Compiles the library's own files, comments and all."""
    info = proto[ProtoInfo]
    out = ctx.actions.declare_file("%s_%s.source_info.bin" % (ctx.label.name, proto.label.name))
    arguments = ctx.actions.args()
    arguments.add("--include_source_info")
    arguments.add("--descriptor_set_out", out)
    arguments.add_joined(
        "--descriptor_set_in",
        info.transitive_descriptor_sets,
        join_with = ctx.configuration.host_path_separator,
    )
    arguments.add_all(info.transitive_proto_path, format_each = "-I%s")
    arguments.add_all(info.direct_sources)
    ctx.actions.run(
        executable = ctx.executable._protoc,
        arguments = [arguments],
        inputs = depset(info.direct_sources, transitive = [info.transitive_sources, info.transitive_descriptor_sets]),
        outputs = [out],
        mnemonic = "SsnasSourceInfo",
        progress_message = "Reading the comments of %s" % proto.label,
    )
    return out

def _path(file):
    """As in its own repository: short_path is ../REPOSITORY/PATH for files of others."""
    if file.short_path.startswith("../"):
        return "/".join(file.short_path.split("/")[2:])
    return file.short_path

def _embedded_source_impl(ctx):
    files = ctx.files.srcs + [_source_info(ctx, proto) for proto in ctx.attr.protos]
    out = ctx.actions.declare_file(ctx.label.name + ".cc")
    commands = ["echo '#include \"ssnas/spec/embedded_file.h\"'"]
    for i, file in enumerate(files):
        commands += [
            "echo 'static const unsigned char ssnas_bytes_%d[] = {'" % i,
            # Never empty, as an array must not be.
            "{ cat '%s'; printf '\\0'; } | %s" % (file.path, _BYTES),
            "echo '};'",
            "echo 'static const ::ssnas::EmbeddedFile ssnas_file_%d('" % i,
            "echo '    \"%s\", ssnas_bytes_%d, sizeof(ssnas_bytes_%d) - 1);'" % (_path(file), i, i),
        ]
    ctx.actions.run_shell(
        command = "{ %s; } > '%s'" % ("; ".join(commands), out.path),
        inputs = files,
        outputs = [out],
        mnemonic = "SsnasEmbed",
        progress_message = "Embedding files of %s" % ctx.label,
    )
    return [DefaultInfo(files = depset([out]))]

_embedded_source = rule(
    implementation = _embedded_source_impl,
    attrs = {
        "srcs": attr.label_list(allow_files = True),
        "protos": attr.label_list(providers = [ProtoInfo]),
        "_protoc": attr.label(
            default = "@com_google_protobuf//:protoc",
            executable = True,
            cfg = "host",
        ),
    },
)

def ssnas_embed(name, srcs = [], protos = [], **kwargs):
    """A library that registers files; see the top of this file.

    Args:
      name: of the library.
      srcs: files, as they are.
      protos: proto_library targets, for the comments of their own files.
      **kwargs: passed on to the library.
    """
    _embedded_source(
        name = name + "_source",
        srcs = srcs,
        protos = protos,
    )
    native.cc_library(
        name = name,
        srcs = [":" + name + "_source"],
        alwayslink = True,
        deps = [_EMBEDDED_FILE],
        **kwargs
    )
