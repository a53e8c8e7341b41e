"""Runs an experiment's target as a user would, from a test's runfiles."""

import json
import os
import subprocess
import tempfile


def folder(name):
    """A new folder for this test, as a path."""
    return tempfile.mkdtemp(prefix=name + "_", dir=os.environ.get("TEST_TMPDIR"))


def run(experiment, *arguments, cwd=None, timeout=600):
    """Runs //experiments:<experiment>; returns the finished process with its output as text."""
    command = [os.path.abspath(os.path.join("experiments", experiment)), *arguments]
    return subprocess.run(command, cwd=cwd, timeout=timeout, text=True, check=False,
                          stdin=subprocess.DEVNULL, capture_output=True)


def read_json(*path):
    with open(os.path.join(*path), encoding="utf-8") as file:
        return json.load(file)


def read_bytes(*path):
    with open(os.path.join(*path), "rb") as file:
        return file.read()


def metrics(*path):
    """The lines of a metrics.jsonl as objects."""
    with open(os.path.join(*path, "metrics.jsonl"), encoding="utf-8") as file:
        return [json.loads(line) for line in file]
