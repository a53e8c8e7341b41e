"""The main job in small: real images, every stage, the loss falls, the probe beats chance."""

import os
import unittest

from experiments.tests import run_experiment as x


class FashionMnistTest(unittest.TestCase):

    def test_a_small_run(self):
        out = os.path.join(x.folder("fashion"), "run")
        sets = ["search.images=96", "search.epochs=1", "pretrain.images=320", "pretrain.epochs=4",
                "pretrain.batch=32", "pretrain.validation_images=64", "probe.images=1000",
                "probe.test_images=1000"]
        arguments = [part for value in sets for part in ("--set", value)]
        done = x.run("fashion_mnist_ssnas", "--output_dir", out, *arguments)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        summary = x.read_json(out, "summary.json")
        self.assertEqual(summary["labels_read_by_search"], 0)
        found = summary["networks"][0]
        self.assertEqual(found["role"], "found")
        self.assertEqual(found["test_images"], 1000)
        # Chance is 10 %; raw pixels of these images give far more. Below this something is broken.
        self.assertGreater(found["probe_accuracy"], 0.4)
        lines = x.metrics(out, "pretrain", "found")
        epochs = [line for line in lines if line.get("event") == "epoch"]
        self.assertLess(epochs[-1]["loss_mean"], epochs[0]["loss_mean"])


if __name__ == "__main__":
    unittest.main()
