// What is the same in every generated PyTorch module: its first and its last lines.
#ifndef SSNAS_EXPORT_TORCH_TEXT_H_
#define SSNAS_EXPORT_TORCH_TEXT_H_

namespace ssnas {

inline constexpr char kTorchProlog[] =
    R"("""A network that SSNAS found and trained, in PyTorch. Generated; needs nothing but torch.

    import torch, model
    network = model.load("model.safetensors")
    h = network.features(images)  # N x 3 x H x W, prepared as preprocess.json says

`python3 model.py` compares the features with those that SSNAS computed (example.safetensors).
"""

import json
import math
import os
import sys

import torch
import torch.nn.functional as F
from torch import nn


class Norm(nn.Module):
    """Batch norm, as nn.BatchNorm2d but for its count of batches."""

    def __init__(self, channels, affine):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(channels)) if affine else None
        self.bias = nn.Parameter(torch.zeros(channels)) if affine else None
        self.register_buffer("running_mean", torch.zeros(channels))
        self.register_buffer("running_var", torch.ones(channels))

    def forward(self, x):
        return F.batch_norm(x, self.running_mean, self.running_var, self.weight, self.bias,
                            self.training, momentum=0.1, eps=1e-5)


def shift(x):
    """y[h, w] = x[h + 1, w + 1], zero past the edge."""
    return F.pad(x[:, :, 1:, 1:], (0, 1, 0, 1))

)";

inline constexpr char kTorchEpilog[] = R"(

def read_safetensors(path):
    """Every tensor of a safetensors file of 32-bit floats, by name."""
    with open(path, "rb") as file:
        size = int.from_bytes(file.read(8), "little")
        header = json.loads(file.read(size))
        data = bytearray(file.read())
    header.pop("__metadata__", None)
    tensors = {}
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        count = math.prod(entry["shape"])
        if entry["dtype"] != "F32" or end - begin != 4 * count or end > len(data):
            raise ValueError(f"{path}: {name} is no tensor of 32-bit floats, or cut short")
        flat = torch.frombuffer(data, dtype=torch.float32, count=count, offset=begin)
        tensors[name] = flat.reshape(entry["shape"]).clone()
    return tensors


def load(path="model.safetensors"):
    """The trained network in evaluation mode; every tensor must be there and none be left over."""
    network = Network()
    network.load_state_dict(read_safetensors(path), strict=True)
    return network.eval()


def largest_difference(folder):
    """Of this module's features from SSNAS' own, as a share of the largest feature."""
    example = read_safetensors(os.path.join(folder, "example.safetensors"))
    network = load(os.path.join(folder, "model.safetensors"))
    with torch.no_grad():
        features = network.features(example["images"])
    scale = example["features"].abs().max()
    return ((features - example["features"]).abs().max() / scale).item()


if __name__ == "__main__":
    difference = largest_difference(os.path.dirname(os.path.abspath(__file__)))
    print(f"features differ from SSNAS' by at most {difference:.1e} of the largest")
    sys.exit(0 if difference <= 1e-5 else 1)
)";

}  // namespace ssnas

#endif  // SSNAS_EXPORT_TORCH_TEXT_H_
