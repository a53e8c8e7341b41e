"""The main job in small: real images from the pinned package, every stage, the loss falls, the probe beats chance."""

import os
import unittest

from experiments.tests import run_experiment as x


class FashionMnistTest(unittest.TestCase):

    def test_a_small_run(self):
        out = os.path.join(x.folder("fashion"), "run")
        done = x.run("fashion_mnist_ssnas", "--output_dir", out, "--set", "search.images=96", "--set",
                     "search.epochs=1", "--set", "pretrain.images=320", "--set", "pretrain.epochs=4", "--set",
                     "pretrain.batch=32", "--set", "pretrain.validation_images=64", "--set", "probe.images=1000",
                     "--set", "probe.test_images=1000")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        summary = x.read_json(out, "summary.json")
        self.assertEqual(summary["labels_read_by_search"], 0)
        found = summary["networks"][0]
        self.assertEqual(found["role"], "found")
        self.assertEqual(found["test_images"], 1000)
        # Chance is 10 %; raw pixels of these images give far more. Below this something is broken.
        self.assertGreater(found["probe_accuracy"], 0.4)
        epochs = [line for line in x.metrics(out, "pretrain", "found") if line.get("event") == "epoch"]
        self.assertLess(epochs[-1]["loss_mean"], epochs[0]["loss_mean"])


if __name__ == "__main__":
    unittest.main()
