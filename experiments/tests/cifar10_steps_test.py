"""The paper's search at its full network, on files in CIFAR-10's format: its first steps."""

import os
import random
import unittest

from experiments.tests import run_experiment as x

IMAGES = 20  # a file; the real ones hold 10,000


def write_cifar10(folder):
    """Six files of the binary version: a label byte, then 32×32 red, green, blue planes."""
    chance = random.Random(7)
    for name in [f"data_batch_{i}.bin" for i in range(1, 6)] + ["test_batch.bin"]:
        with open(os.path.join(folder, name), "wb") as file:
            for _ in range(IMAGES):
                file.write(bytes([chance.randrange(10)]) + chance.randbytes(3072))


class Cifar10StepsTest(unittest.TestCase):

    def test_the_first_steps_of_the_full_network(self):
        data, out = x.folder("cifar10"), os.path.join(x.folder("out"), "run")
        write_cifar10(data)
        done = x.run("cifar10_ssnas", "--data_dir", data, "--output_dir", out, "--until=search",
                     "--set", f"dataset.config.images_per_file={IMAGES}",
                     "--set", "search.batch=4", "--set", "search.epochs=1",
                     "--set", "search.steps_per_epoch=2", "--set", "search.seeds=[1]")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertRegex(done.stdout, r"search needs about [0-9.]+ GB at batch 4")
        lines = x.metrics(out, "search", "seed_1")
        self.assertEqual([line["step"] for line in lines], [1, 2, 2])
        self.assertTrue(all(0 < line["weight_loss"] < 20 for line in lines[:2]))
        self.assertEqual(len(lines[-1]["alphas_normal"]), 14)
        self.assertEqual(len(lines[-1]["alphas_normal"][0]), 8)
        self.assertTrue(os.path.exists(os.path.join(out, "architecture.textproto")))

    def test_missing_data_says_what_to_get_and_where(self):
        empty = x.folder("empty")
        out = os.path.join(empty, "run")
        done = x.run("cifar10_ssnas", "--data_dir", empty, "--output_dir", out)
        self.assertEqual(done.returncode, 3, done.stdout + done.stderr)
        for word in ["data_batch_1.bin", "c32a1d4ab5d03f1284b67883e8d87530", empty]:
            self.assertIn(word, done.stderr)


if __name__ == "__main__":
    unittest.main()
