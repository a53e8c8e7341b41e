"""The wheels that a build fetches from the Python package index, pinned by hash."""

# {requirement: SHA-256 of its x86-64 Linux wheel}
TORCH_CPU_WHEELS = {
    "nvidia-cuda-cupti==13.2.86": "8fa29f15dd8336181f961764d9d95236fc6b931dd0c8fcf8cd70aab0c310b586",
    "nvidia-cuda-runtime==13.2.86": "3498247680dfddce31bad102af7e3e26fc795342a3cac64722bb0fa95e7f60f0",
    "torch==2.15.0": "48c2d861134c0b5697c7602cb5ffa68f62a2989fdcd1717e593356f67996ca1e",
}

# What reads our files in Python, for a test. Later wheels are built for several Pythons at once (abi3), which
# pypi.bzl does not ask for; the file format is the same.
SAFETENSORS_WHEELS = {
    "safetensors==0.4.5": "a6c19feda32b931cae0acd42748a670bdf56bee6476a046af20181ad3fee4090",
}

# What `import torch` needs besides, for --config=pytorch: every library that libtorch_python.so and libtorch_cuda.so
# are linked with, GPU or not. Of what the wheel asks for, triton, cusolver, sympy and the like are first loaded by
# code that uses them.
TORCH_PYTHON_WHEELS = {
    "nvidia-cublas==13.4.1.3": "a5917cb642cfb07f4a0231ee16aec7e2e0357d8cb8b1b78a0c9c68dba3e6afc7",
    "nvidia-cuda-nvrtc==13.2.86": "8111c5130e967b78222ea2124145f8efe9ce201b752b2579a2513100a53be1c5",
    "nvidia-cudnn-cu13==9.26.0.51": "9c976d539786698c71d6bcdbe2053b7485fae062ff7e1215d2f2ff67b1a2149a",
    "nvidia-cufft==12.2.0.57": "34da27fadf3979b0b042c43823f0530be8408b86df31ee0108e1ca0b621d4ef6",
    "nvidia-cufile==1.17.1.22": "87feaf8c3ad20d3d03a01933181801ff6892bace5c8f0b1e4b48f319d3e62d36",
    "nvidia-cusparse==12.7.10.12": "25907c75e4db1581685f06f61cc6cdecc04611765516a52373e0a18ebd69fa00",
    "nvidia-cusparselt-cu13==0.8.1": "786ce87568c303fadb5afcc7102d454cd3040d75f6f8626f5db460d1871f4dd0",
    "nvidia-nccl-cu13==2.30.7": "cefa7fdb9710efd0f39c5f1be1d61ff6fc9a996c451265bd7fbdcf9455ed4b50",
    "nvidia-nvshmem-cu13==3.7.2": "b9a4f843c62b5dded8ad33fd6d220e007dcd39f06cee549292f5ba14ce4c235c",
    "typing-extensions==4.16.0": "481caa481374e813c1b176ada14e97f1f67a4539ce9cfeb3f350d78d6370c2e8",
}
TORCH_PYTHON_WHEELS.update(TORCH_CPU_WHEELS)
