"""What own_images says to folders, labels and flags that it cannot use.

Every command of the golden file is run and must end as it says there.
A case more: its line "$ own_images …" there. After that, or a deliberate change of a message:
    SSNAS_WRITE_GOLDENS=1 ./bazelw run //experiments/tests:own_images_refusals_test
"""

import os
import re
import shlex
import shutil
import unittest

from experiments.tests import run_experiment as x
from experiments.tests.own_images_test import SMALL, png

GOLDEN = "experiments/tests/testdata/own_images_refusals.golden"
COMMAND = "$ own_images"
# Words that stand for several. A supervised search reads labels; others do not look at them.
SHORT = {"SMALL": SMALL, "SUPERVISED": ["--set", 'objective={name: "cross_entropy"}']}

ROWS = [f"{folder}/{i}.png,{folder}" for folder in "ab" for i in range(20)]
LABELS = {
    "columns.csv": ["path,label", "a/0.png,a,1"],
    "quote.csv": ['"a/0.png,a'],
    "empty_label.csv": ["a/0.png,"],
    "twice.csv": ["a/0.png,a", "a/0.png,b"],
    "missing.csv": ROWS[7:],
    "whole.csv": ROWS,
}


def write(*path, contents=b""):
    path = os.path.join(*path)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(contents)


class OwnImagesRefusalsTest(unittest.TestCase):

    maxDiff = None

    def setUp(self):
        os.environ["XDG_CACHE_HOME"] = x.folder("cache")
        self.place = os.path.realpath(x.folder("place"))
        for i in range(20):
            for folder in "ab":
                write(self.place, "photos", folder, f"{i}.png", contents=png(20, 5 * i + 10))
        for name, lines in LABELS.items():
            write(self.place, "photos", name, contents="\n".join(lines).encode())
        for i in range(9):
            write(self.place, "few", f"{i}.png", contents=png(20, i))
            write(self.place, "broken", f"{i}.jpg", contents=b"no image")
            write(self.place, "spoilt", f"{i}.png", contents=png(20, i) if i > 2 else b"")
        write(self.place, "file.png", contents=png(20, 1))
        os.makedirs(os.path.join(self.place, "empty"))

    def transcript(self, command):
        """The command, its exit code and what it said; PLACE is this test's folder."""
        out = os.path.join(self.place, "run")
        words = shlex.split(command.removeprefix(COMMAND).replace("PLACE", self.place))
        flags = [flag for word in words for flag in SHORT.get(word, [word])]
        done = x.run("own_images", "--output_dir", out, *flags)
        shutil.rmtree(out, ignore_errors=True)
        self.assertIn(done.returncode, (2, 3, 4, 5), command + done.stdout)
        said = done.stderr.replace(self.place, "PLACE")
        said = re.sub(r"\b[0-9a-f]{32}\b", "CACHE", said)  # named after the folder of images
        return f"{command}\nexit code {done.returncode}\n{said}\n"

    def test_the_messages_are_those_of_the_golden_file(self):
        workspace = os.environ.get("BUILD_WORKSPACE_DIRECTORY")
        writes = workspace and os.environ.get("SSNAS_WRITE_GOLDENS")
        path = os.path.join(workspace, GOLDEN) if writes else GOLDEN
        golden = x.read_bytes(path).decode()
        commands = [line for line in golden.splitlines() if line.startswith(COMMAND)]
        self.assertGreaterEqual(len(commands), 40)
        said = "".join(self.transcript(command) for command in commands)
        if writes:
            write(path, contents=said.encode())
        else:
            self.assertEqual(said, golden)


if __name__ == "__main__":
    unittest.main()
