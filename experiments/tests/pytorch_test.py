"""The PyTorch module that a run leaves gives SSNAS' features, whatever the operations.

Run by --config=pytorch with SSNAS_PYTHON, a Python that can import torch; without it, with this
Python and the pinned wheels of third_party/torch_python.
"""

import os
import subprocess
import sys
import unittest

from experiments.tests import own_images_test
from experiments.tests import run_experiment as x

# Every operation in both cells, so that each is halved and not halved.
EDGES = ("('sep_conv_3x3', 0), ('max_pool_3x3', 1), ('avg_pool_3x3', 0), ('skip_connect', 1), "
         "('sep_conv_5x5', 2), ('dil_conv_3x3', 0), ('dil_conv_5x5', 1), ('skip_connect', 0)")
CELL = (f"Genotype(normal=[{EDGES}], normal_concat=range(2, 6), "
        f"reduce=[{EDGES}], reduce_concat=range(2, 6))")


def run_with_torch(program):
    """Runs a Python program that imports torch."""
    python, environment = os.environ.get("SSNAS_PYTHON"), dict(os.environ)
    if not python:
        python, pinned = sys.executable, (3, 11)
        if sys.version_info[:2] != pinned:
            raise RuntimeError("The pinned torch is for Python %d.%d; set SSNAS_PYTHON to a Python "
                               "that has torch." % pinned)
        listed = os.path.join(os.environ["TEST_SRCDIR"], "torch_python", "requirements.txt")
        environment["PYTHONPATH"] = os.path.dirname(os.path.realpath(listed))
    return subprocess.run([python, "-B", program], text=True, check=False, timeout=300,
                          capture_output=True, env=environment)


class PytorchTest(unittest.TestCase):

    def compare(self, size, *more):
        photos, out = x.folder("photos"), os.path.join(x.folder("own"), "run")
        os.environ["XDG_CACHE_HOME"] = x.folder("cache")
        cell = os.path.join(x.folder("cell"), "cell.txt")
        with open(cell, "w", encoding="utf-8") as file:
            file.write(CELL)
        for i in range(24):
            with open(os.path.join(photos, f"{i}.png"), "wb") as file:
                file.write(own_images_test.png(size + 3, 9 * i + 5))
        sets = ["pretrain.network.cells=5", "pretrain.network.channels=4", "pretrain.batch=8",
                "pretrain.epochs=1", "pretrain.validation_images=8", "-search", "-space",
                f'architecture="{cell}"', *more]
        run = x.run("own_images", f"--images={photos}", f"--image_size={size}", "--output_dir", out,
                    *[f"--set={change}" for change in sets])
        self.assertEqual(run.returncode, 0, run.stdout + run.stderr)
        done = run_with_torch(os.path.join(out, "model.py"))
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("features differ from SSNAS' by at most", done.stdout)

    def test_cifar_stem(self):
        self.compare(16)

    def test_imagenet_stem_and_odd_sizes(self):
        self.compare(49, "pretrain.network.stem=IMAGENET")


if __name__ == "__main__":
    unittest.main()
