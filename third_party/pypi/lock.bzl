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
