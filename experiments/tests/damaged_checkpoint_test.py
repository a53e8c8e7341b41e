"""A checkpoint with one flipped bit is refused by name, kept aside, and the older one is used."""

import os
import signal
import subprocess
import time
import unittest

from experiments.tests import run_experiment as x


class DamagedCheckpointTest(unittest.TestCase):

    def test_a_flipped_bit(self):
        out = os.path.join(x.folder("damaged"), "run")
        program = subprocess.Popen([os.path.abspath("experiments/smoke"), "--output_dir", out],
                                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        result = os.path.join(out, "search", "seed_1", "result.json")
        while program.poll() is None and not os.path.exists(result):
            time.sleep(0.01)
        program.send_signal(signal.SIGKILL)
        program.wait()
        self.assertTrue(os.path.exists(result))
        os.remove(result)  # as if the kill had come just before
        checkpoints = os.path.join(out, "search", "seed_1", "checkpoints")
        newest = sorted(os.listdir(checkpoints))[-1]
        weights = os.path.join(checkpoints, newest, "weights.safetensors")
        data = bytearray(x.read_bytes(weights))
        data[len(data) // 2] ^= 1
        with open(weights, "wb") as file:
            file.write(data)
        again = x.run("smoke", "--output_dir", out)
        self.assertEqual(again.returncode, 0, again.stdout + again.stderr)
        self.assertIn(f"checkpoint {newest}: shard weights.safetensors fails its checksum",
                      again.stdout)
        self.assertTrue(os.path.exists(os.path.join(checkpoints, newest + ".bad")))


if __name__ == "__main__":
    unittest.main()
