"""//tools:search, :pretrain and :evaluate: each goes up to its own kind of stage, on one run."""

import os
import subprocess
import tempfile
import unittest

SPEC = """
name: "until"
dataset { name: "synthetic" config { size: 8 train_images: 32 test_images: 16 } }
objective { name: "nt_xent" config { projection_size: 8 } }
augmentation { name: "flip" }
space { candidate { name: "none" } candidate { name: "skip_connect" } nodes: 1 }
search { cells: 2 channels: 2 batch: 4 epochs: 1 images: 8 }
pretrain { network { cells: 2 channels: 2 } batch: 4 epochs: 1 images: 4 }
probe { images: 8 test_images: 8 epochs: 1 batch: 8 }
evaluate { network { cells: 2 channels: 2 } batch: 4 epochs: 1 images: 4 test_images: 8 }
runtime { threads: 1 }
"""


class UntilTest(unittest.TestCase):

    def test_each_program_ends_after_its_stage_and_the_next_goes_on(self):
        with tempfile.TemporaryDirectory(dir=os.environ.get("TEST_TMPDIR")) as folder:
            with open(os.path.join(folder, "spec.textproto"), "w", encoding="utf-8") as file:
                file.write(SPEC)
            stages = ["search/seed_1", "derive", "pretrain/found", "probe/found", "evaluate/found"]
            for program, last in [("search", 2), ("pretrain", 4), ("evaluate", 5)]:
                done = subprocess.run(
                    [os.path.abspath(os.path.join("tools", program)), "--spec=spec.textproto",
                     "--output_dir=run"],
                    cwd=folder, timeout=120, text=True, check=False, capture_output=True,
                    stdin=subprocess.DEVNULL)
                self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
                made = [stage for stage in stages
                        if os.path.exists(os.path.join(folder, "run", stage, "result.json"))]
                self.assertEqual(made, stages[:last], program)
                self.assertIn(f"again    ./bazelw run //tools:{program} --", done.stdout)
                self.assertEqual("finished before" in done.stdout, program != "search")
                self.assertIn("data   synthetic · 32 training and 16 test images\n",
                              done.stdout)


if __name__ == "__main__":
    unittest.main()
