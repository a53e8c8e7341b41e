"""The own_images experiment on a folder of generated files, some of them bad, as a user runs it."""

import os
import struct
import unittest
import zlib

from experiments.tests import run_experiment as x

SMALL = ["--image_size=16", "--set", "search.cells=2", "--set", "search.channels=4",
         "--set", "search.batch=8", "--set", "search.epochs=1", "--set", "search.images=32",
         "--set", "pretrain.network.cells=2", "--set", "pretrain.network.channels=4",
         "--set", "pretrain.batch=8", "--set", "pretrain.epochs=1",
         "--set", "pretrain.validation_images=8"]


def png(size, shade):
    """A square RGB PNG: stripes of a shade, so that images differ."""
    row = b"\0" + bytes((shade * x_ // size + c) % 256 for x_ in range(size) for c in range(3))
    chunks = [(b"IHDR", struct.pack(">IIBBBBB", size, size, 8, 2, 0, 0, 0)),
              (b"IDAT", zlib.compress(row * size)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in chunks)


class OwnImagesTest(unittest.TestCase):

    def setUp(self):
        self.folder = x.folder("photos")
        self.out = os.path.join(x.folder("own"), "run")
        os.environ["XDG_CACHE_HOME"] = x.folder("cache")

    def write(self, name, contents):
        path = os.path.join(self.folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(contents)

    def run_it(self, *more):
        return x.run("own_images", f"--images={self.folder}", "--output_dir", self.out, *SMALL,
                     *more)

    def test_it_searches_and_pretrains_and_names_what_it_left_out(self):
        for i in range(40):
            self.write(f"holiday/{i:02}.png", png(20, 5 * i + 10))
        self.write("holiday/cut.png", png(20, 99)[:60])
        self.write("empty.jpg", b"")
        os.symlink("/etc", os.path.join(self.folder, "etc"))
        first = self.run_it()
        self.assertEqual(first.returncode, 0, first.stdout + first.stderr)
        self.assertIn("40 training images; 3 files are left out:", first.stdout)
        self.assertIn("empty.jpg is empty", first.stdout)
        self.assertIn("decoded and kept", first.stdout)
        summary = x.read_json(self.out, "summary.json")
        self.assertEqual([file["file"] for file in summary["left_out"]],
                         ["empty.jpg", "etc", "holiday/cut.png"])
        self.assertEqual(summary["labels_read_by_search"], 0)
        report = x.read_bytes(self.out, "report.html").decode()
        self.assertIn("holiday/cut.png", report)
        self.assertIn("it ends too early", report)
        self.assertIn("Nearest neighbours", report)
        self.assertEqual(report.count("<figcaption>image</figcaption>"), 8)
        neighbors = x.read_json(self.out, "pretrain", "found", "neighbors.json")
        self.assertEqual((neighbors["images"], neighbors["held_out_queries"]), (40, 8))
        for name in ("model.safetensors", "model.py", "example.safetensors"):
            self.assertTrue(os.path.getsize(os.path.join(self.out, name)) > 0, name)
        compile(x.read_bytes(self.out, "model.py"), "model.py", "exec")
        self.assertEqual(x.read_json(self.out, "preprocess.json")["image_size"], 16)
        again = self.run_it()
        self.assertEqual(again.returncode, 0, again.stderr)
        self.assertNotIn("decoded and kept", again.stdout)

    def test_a_budget_is_counted_once(self):
        for i in range(40):
            self.write(f"{i:02}.png", png(20, 5 * i + 10))
        first = self.run_it("--budget=0.05", "--until=search")
        self.assertEqual(first.returncode, 0, first.stdout + first.stderr)
        self.assertIn("budget 0.05 min", first.stdout)
        self.assertIn("--budget helps", first.stdout)
        spec = x.read_bytes(self.out, "spec.textproto")
        again = self.run_it("--budget=0.05")
        self.assertEqual(again.returncode, 0, again.stdout + again.stderr)
        self.assertIn("budget as counted when this run began", again.stdout)
        self.assertEqual(x.read_bytes(self.out, "spec.textproto"), spec)

    def test_other_images_are_not_taken_for_those_of_the_run(self):
        for i in range(40):
            self.write(f"{i:02}.png", png(20, 5 * i + 10))
        first = self.run_it("--until=search")
        self.assertEqual(first.returncode, 0, first.stdout + first.stderr)
        self.write("07.png", png(20, 3))
        other = self.run_it()
        self.assertEqual(other.returncode, 4, other.stdout + other.stderr)
        self.assertIn("this run was made with other images", other.stderr)
        self.write("07.png", png(20, 5 * 7 + 10))
        again = self.run_it("--until=search")
        self.assertEqual(again.returncode, 0, again.stdout + again.stderr)

    def test_too_few_images_say_how_many_are_needed(self):
        for i in range(15):
            self.write(f"{i}.png", png(20, i))
        few = self.run_it()
        self.assertEqual(few.returncode, 2, few.stdout + few.stderr)
        self.assertIn("search needs at least 16 images and has 15", few.stderr)
        self.assertIn("search.batch to 7 or less", few.stderr)

    def test_no_folder_and_no_image(self):
        none = x.run("own_images", "--output_dir", self.out)
        self.assertEqual(none.returncode, 3, none.stdout + none.stderr)
        self.assertIn("--images=DIR", none.stderr)
        empty = self.run_it()
        self.assertEqual(empty.returncode, 3, empty.stdout + empty.stderr)
        self.assertIn("no JPEG or PNG file in", empty.stderr)
        self.assertFalse(os.path.exists(self.out))

    def test_what_cannot_fit_in_memory_is_refused_before_a_run_is_made(self):
        for i in range(40):
            self.write(f"{i}.png", png(20, i))
        # 16 views of 1024×1024 at 256 channels: 17 GB for the output of a single operation.
        huge = self.run_it("--set", "dataset.config.image_size=1024",
                           "--set", "augmentation[random_resized_crop].config.size=1024",
                           "--set", "search.channels=256")
        self.assertEqual(huge.returncode, 5, huge.stdout + huge.stderr)
        self.assertRegex(huge.stderr, r"^search needs about \d+\.\d GB at batch 8, \d+\.\d GB are")
        self.assertIn("--set search.", huge.stderr)
        self.assertFalse(os.path.exists(self.out))
        done = self.run_it("--until=search")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_a_setting_that_an_error_names_can_be_changed(self):
        for i in range(20):
            self.write(f"{i}.png", png(20, i))
        self.write("bad.png", b"")
        full = self.run_it("--set", "dataset.config.max_cache_gb=1e-6")
        self.assertEqual(full.returncode, 5, full.stdout + full.stderr)
        self.assertIn("dataset.config.max_cache_gb", full.stderr)
        strict = self.run_it("--set", "dataset.config.max_unreadable_share=0.01")
        self.assertEqual(strict.returncode, 3, strict.stdout + strict.stderr)
        self.assertIn("1 of 21 image files", strict.stderr)
        done = self.run_it()
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


if __name__ == "__main__":
    unittest.main()
