"""Python's own `safetensors` reads what our C++ writes: names, types, shapes, every value."""

import os
import struct
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.abspath(os.path.join(os.pardir, "safetensors")))

import safetensors  # pylint: disable=wrong-import-position


def float32(value):
    return struct.unpack("<f", struct.pack("<f", value))[0]


def written_by(program, *arguments):
    """The tensors of the file that a program writes, {name: (dtype, shape, bytes)}."""
    with tempfile.TemporaryDirectory(dir=os.environ.get("TEST_TMPDIR")) as folder:
        path = os.path.join(folder, "file.safetensors")
        subprocess.run([os.path.abspath(program), *arguments, path], check=True)
        with open(path, "rb") as file:
            tensors = safetensors.deserialize(file.read())
    return {name: (facts["dtype"], facts["shape"], bytes(facts["data"]))
            for name, facts in tensors}


class SafetensorsTest(unittest.TestCase):

    def test_every_type_shape_and_value(self):
        tensors = written_by("ssnas/core/testing/write_tensors")
        self.assertEqual(
            {name: facts[:2] for name, facts in tensors.items()},
            {"stem.conv.weight": ("F32", [2, 3, 5]), "steps": ("I64", [2]), "sums": ("F64", [2]),
             "counts": ("I32", [1, 3]), "odd name ×": ("U8", []), "empty": ("F32", [0, 4])})
        # One float32 division and one subtraction, each rounded once.
        weights = [float32(float32(i / 3) - 4) for i in range(30)]
        values = {name: facts[2] for name, facts in tensors.items()}
        self.assertEqual(list(struct.unpack("<30f", values["stem.conv.weight"])), weights)
        self.assertEqual(struct.unpack("<2q", values["steps"]), (-1, 1 << 62))
        self.assertEqual(values["sums"], struct.pack("<2d", 0.1, -0.0))
        self.assertEqual(struct.unpack("<3i", values["counts"]), (7, 0, -7))
        self.assertEqual(values["odd name ×"], b"\xff")
        self.assertEqual(values["empty"], b"")


if __name__ == "__main__":
    unittest.main()
