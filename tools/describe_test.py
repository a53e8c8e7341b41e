"""Runs //tools:describe as a user does: output, errors, exit codes."""

import os
import re
import subprocess
import tempfile
import unittest

PROGRAM = os.path.abspath("tools/describe")
GENOTYPES = os.path.abspath("ssnas/networks/testdata")


def describe(*arguments, **environment):
    return subprocess.run(
        [PROGRAM, *arguments],
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        timeout=60,
    )


def parameters(*arguments):
    result = describe(*arguments)
    assert result.returncode == 0, result.stderr
    first = next(line for line in result.stdout.splitlines() if "parameters: " in line)
    return int(re.match(r"parameters: (\d+)\s", first).group(1))


class DescribeTest(unittest.TestCase):
    def test_published_sizes(self):
        darts = "--genotype=" + os.path.join(GENOTYPES, "darts_v2.txt")
        self.assertEqual(parameters(darts), 3_349_342)
        imagenet = ["--init_channels=48", "--cells=14", "--image_size=224", "--num_classes=1000"]
        self.assertEqual(parameters(darts, *imagenet), 4_718_752)
        self.assertEqual(parameters("--supernet"), 1_930_618)
        self.assertEqual(
            parameters("--supernet", "--init_channels", "16", "--cells=8"), 1_930_618
        )

    def test_stem(self):
        darts = "--genotype=" + os.path.join(GENOTYPES, "darts_v2.txt")
        self.assertIn("\nstem0 ", describe(darts, "--image_size=128").stdout)
        self.assertIn("\nstem ", describe(darts, "--image_size=128", "--stem=cifar").stdout)
        self.assertIn("\nstem0 ", describe(darts, "--stem=imagenet").stdout)

    def test_files_are_relative_to_where_the_user_stands(self):
        result = describe("--genotype=p_darts.textproto", BUILD_WORKING_DIRECTORY=GENOTYPES)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn("parameters: 3433798 ", result.stdout)

    def test_help_is_one_screen(self):
        result = describe("--help")
        self.assertEqual(result.returncode, 0)
        self.assertLessEqual(len(result.stdout.splitlines()), 24)
        self.assertIn("--image_size", result.stdout)

    def test_mistakes_are_told_with_exit_code_2(self):
        with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
            file.write("Genotype(normal=[('sep_conv_3x4', 0), ('none', 1)],\n")
            file.write("reduce=[('none', 0), ('none', 1)])")
            file.flush()
            cases = [
                ([], "give one of --genotype=FILE and --supernet"),
                (["--supernet", "--genotype=x"], "give one of --genotype=FILE and --supernet"),
                (["--cell=3"], "no flag --cell; did you mean --cells?"),
                (["--v=1", "--supernet"], "no flag --v"),
                (["supernet"], "'supernet' is not a flag"),
                (["--supernet", "--cells"], "--cells needs a value"),
                (["--supernet", "--cells=x"], "--cells=x: expected a whole number"),
                (["--supernet", "--cells=0"], "a network of 0 cells; there can be 1 to 1000"),
                (["--supernet", "--stem=cifar"], "--supernet has one stem"),
                (["--supernet", "--image_size=-1"], "images of -1×-1 pixels"),
                (["--genotype=" + file.name, "--stem=x"], "--stem=x: expected cifar, imagenet"),
                (["--genotype=no/such"], "no/such: No such file"),
                (["--genotype=" + file.name], file.name + ":1:19: no operation 'sep_conv_3x4'."),
            ]
            for arguments, message in cases:
                with self.subTest(arguments=arguments):
                    result = describe(*arguments)
                    self.assertEqual(result.returncode, 2)
                    self.assertIn(message, result.stderr)
                    self.assertEqual(result.stdout, "")


if __name__ == "__main__":
    unittest.main()
