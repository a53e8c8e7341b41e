"""A run that gets less memory than the preflight saw ends with code 5 and says what to change."""

import os
import resource
import unittest

from experiments.tests import run_experiment as x

# Of addresses, libtorch's own among them: enough to start, too little for the search below. The
# preflight asks how much memory the machine has free, and does not know of this limit.
LIMIT = 2 << 30


class OutOfMemoryTest(unittest.TestCase):

    def test_the_message_has_the_estimate_and_the_way_out(self):
        with open(os.path.join("tools", "ssnas"), "rb") as file:
            if b"__asan_init" in file.read():
                self.skipTest("AddressSanitizer itself needs more addresses than any such limit")
        out = os.path.join(x.folder("memory"), "run")
        inherited = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (LIMIT, inherited[1]))
        try:
            done = x.run("smoke", "--output_dir", out, "--set", "runtime.engine=REFERENCE",
                         "--set", "search.channels=64",
                         "--set", "search.batch=64", "--set", "search.images=256")
        finally:
            resource.setrlimit(resource.RLIMIT_AS, inherited)
        self.assertEqual(done.returncode, 5, done.stdout + done.stderr)
        self.assertTrue(done.stderr.startswith("out of memory"), done.stderr)
        self.assertRegex(
            done.stderr,
            r"search needs about [0-9.]+ GB at batch 64, [0-9.]+ GB are free\. That was when it "
            r"began\. To need less: --set search\.batch=32, --set search\.channels=N")


if __name__ == "__main__":
    unittest.main()
