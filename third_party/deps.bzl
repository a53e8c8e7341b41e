"""Everything that the build fetches, as one call for a WORKSPACE.

A repository that holds plugins of its own says, with SSNAS checked out beside it:

    workspace(name = "mine")

    local_repository(name = "ssnas", path = "../ssnas")

    load("@ssnas//third_party:deps.bzl", "ssnas_dependencies")

    ssnas_dependencies(path = "../ssnas")

and takes the flags of SSNAS's .bazelrc with `import %workspace%/../ssnas/.bazelrc` in its own.
"""

load("//third_party/debian:debian.bzl", "debian_packages")
load("//third_party/pypi:lock.bzl", "SAFETENSORS_WHEELS", "TORCH_CPU_WHEELS", "TORCH_PYTHON_WHEELS")
load("//third_party/pypi:pypi.bzl", "pypi_wheels", "python_wheels")

# Bazel's embedded tools ask for these, by default from the network. Ours are stubs.
_EMBEDDED = [
    "com_google_protobuf",
    "remote_coverage_tools",
    "rules_cc",
    "rules_java",
    "rules_proto",
]

def ssnas_dependencies(path = "."):
    """Declares the external repositories.

    Args:
      path: of SSNAS, as seen from the WORKSPACE that calls this.
    """
    for name in _EMBEDDED:
        native.local_repository(name = name, path = "%s/third_party/%s" % (path, name))

    debian_packages(name = "debian")

    # Only what a CPU needs: 0.5 GB of the 1.2 GB that these wheels hold, since each clone has its own copy.
    # libtorch_cpu.so loads the CUDA runtime and CUPTI even where there is no GPU. torch/include/google is another
    # protobuf than Debian's, and mixing the two fails at run time.
    pypi_wheels(
        name = "torch",
        build_file = Label("//third_party/torch:torch.BUILD"),
        files = [
            "nvidia/cu13/lib/libcudart.so.13",
            "nvidia/cu13/lib/libcupti.so.13",
            "torch/include/*",
            "!torch/include/google/*",
            "torch/lib/libc10.so",
            "torch/lib/libgomp.so.1",
            "torch/lib/libtorch_cpu.so",
        ],
        wheels = TORCH_CPU_WHEELS,
    )

    # Only --config=pytorch asks for it: 2.4 GB to fetch, of which 2.7 GB are unpacked.
    python_wheels(
        name = "torch_python",
        build_file = Label("//third_party/torch_python:torch_python.BUILD"),
        files = [
            "nvidia/*/lib/lib*.so.*",
            "!nvidia/cudnn/lib/libcudnn_*",
            "!*/libcufftw.*",
            "!*/libnvblas.*",
            "!*/libnvrtc-builtins.*",
            "torch/*",
            "!torch/include/*",
            "!torch/bin/protoc*",
            "torchgen/*",
            "typing_extensions.py",
        ],
        wheels = TORCH_PYTHON_WHEELS,
    )

    # Only a test asks for it.
    pypi_wheels(
        name = "safetensors",
        build_file = Label("//third_party/safetensors:safetensors.BUILD"),
        files = ["safetensors/*"],
        wheels = SAFETENSORS_WHEELS,
    )
