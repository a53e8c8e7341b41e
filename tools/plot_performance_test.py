"""The sweep's points and the plots of them."""

import json
import os
import tempfile
import unittest
import xml.etree.ElementTree as ElementTree

from bench import sweep
from tools import plot_performance

SVG = "{http://www.w3.org/2000/svg}"


def program(name, seconds):
    phases = {"cells_forward": seconds / 4, "backward": seconds / 4}
    return {
        "name": name,
        "seconds": seconds,
        "memory_bytes": 1e8 * seconds,
        "phases": {"alpha": phases, "weight": phases},
    }


def measured(point):
    work = point["channels"] * point["image_size"] ** 2 * point["batch"] * point["cells"]
    peer = program("peer nchw", work / 1e5)
    if point["batch"] == 96:
        peer = {"name": "peer nchw", "skipped": "does not fit: about 30 GB"}
    programs = [peer, program("fused", work / 1e6)]
    return dict(point, threads=2, forward_multiply_adds=work, programs=programs)


def made_sweep():
    return {
        "centre": sweep.CENTRE,
        "factors": sweep.FACTORS,
        "headline": sweep.NAMED[0],
        "points": [measured(point) for point in sweep.points()],
    }


class SweepTest(unittest.TestCase):
    def test_one_factor_at_a_time(self):
        points = sweep.points()
        self.assertEqual(points.count(sweep.CENTRE), 1)
        for point in points:
            differing = [name for name in point if point[name] != sweep.CENTRE[name]]
            self.assertTrue(len(differing) <= 1 or point in sweep.NAMED, point)
        for factor, values in sweep.FACTORS.items():
            self.assertLessEqual(set(values), {point[factor] for point in points})

    def test_ranges_of_the_issue(self):
        ranges = {"channels": (8, 64), "image_size": (8, 96), "batch": (1, 96), "cells": (5, 20)}
        for factor, (low, high) in ranges.items():
            self.assertEqual((min(sweep.FACTORS[factor]), max(sweep.FACTORS[factor])), (low, high))

    def test_measures_only_what_is_missing(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "sweep.json")
            whole = made_sweep()
            last = whole["points"].pop()
            sweep.save(path, whole)
            reply = os.path.join(folder, "reply.json")
            with open(reply, "w", encoding="utf-8") as file:
                json.dump(last, file)
            binary = os.path.join(folder, "search_step")
            calls = os.path.join(folder, "calls")
            with open(binary, "w", encoding="utf-8") as file:
                file.write(f"#!/bin/sh\necho $@ >> {calls}\necho a table\ncat {reply}\n")
            os.chmod(binary, 0o755)
            self.assertEqual(sweep.main([path, "--binary", binary, "--engine", "fused"]), 0)
            with open(calls, encoding="utf-8") as file:
                made = file.read().splitlines()
            self.assertEqual(len(made), 1)
            self.assertIn("--engine=fused", made[0])
            self.assertEqual(sweep.load(path, False)["points"][-1], last)


class PlotTest(unittest.TestCase):
    def test_every_point_is_drawn(self):
        found = made_sweep()
        for factor, values in sweep.FACTORS.items():
            root = ElementTree.fromstring(plot_performance.plot_factor(found, factor))
            circles = list(root.iter(SVG + "circle"))
            crosses = [text for text in root.iter(SVG + "text") if text.text == "✕"]
            # Two programs in two panels; the peer does not fit at batch 96.
            skipped = 2 if factor == "batch" else 0
            self.assertEqual(len(circles), 4 * len(values) - skipped, factor)
            self.assertEqual(len(crosses), skipped, factor)
            self.assertEqual(len(list(root.iter(SVG + "polyline"))), 4)

    def test_everything_lies_within_the_picture(self):
        root = ElementTree.fromstring(plot_performance.plot_factor(made_sweep(), "channels"))
        for circle in root.iter(SVG + "circle"):
            self.assertTrue(0 < float(circle.get("cx")) < float(root.get("width")))
            self.assertTrue(0 < float(circle.get("cy")) < float(root.get("height")))

    def test_ticks(self):
        self.assertEqual(plot_performance.ticks(0.9, 21), [1, 2, 5, 10, 20])
        self.assertEqual(plot_performance.ticks(0.005, 900), [0.01, 0.1, 1, 10, 100])

    def test_phases_of_the_headline(self):
        root = ElementTree.fromstring(plot_performance.plot_phases(made_sweep()))
        words = [text.text for text in root.iter(SVG + "text")]
        self.assertIn("C=16, 8 cells, batch 32, 32×32, 2 threads", words)

    def test_files(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "sweep.json")
            sweep.save(path, made_sweep())
            self.assertEqual(plot_performance.main([path, os.path.join(folder, "plots")]), 0)
            self.assertEqual(
                sorted(os.listdir(os.path.join(folder, "plots"))),
                ["batch.svg", "cells.svg", "channels.svg", "image_size.svg", "phases.svg"],
            )


if __name__ == "__main__":
    unittest.main()
