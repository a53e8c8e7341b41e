"""Draws what bench/sweep.py measured, as SVG files.

usage: python3 -m tools.plot_performance SWEEP.json FOLDER

FOLDER gets one file a factor (channels.svg, image_size.svg, batch.svg, cells.svg): seconds of a
search step and memory, both axes logarithmic, a cross at the lower edge where a program did not
fit into memory; and phases.svg: where the step's time goes in the sweep's headline configuration.
"""

import json
import math
import os
import sys
from xml.sax.saxutils import escape

# Okabe and Ito's colours, which the colour-blind tell apart.
COLOURS = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9"]
GREY = "#666666"
TITLES = {"channels": "channels C", "image_size": "image size", "batch": "batch", "cells": "cells"}
PANEL_WIDTH, PANEL_HEIGHT, LEFT, TOP, GAP = 330, 240, 64, 44, 84
PHASES = [
    ("stem forward", ["stem_forward"]),
    ("cells forward", ["cells_forward"]),
    ("objective", ["objective"]),
    ("backward", ["backward", "cells_backward", "stem_backward"]),
    ("optimiser", ["optimizer"]),
    ("between blocks", ["between_blocks"]),
]


def short(value):
    """0.05, 2, 300, 5k"""
    return f"{value / 1000:g}k" if value >= 1000 else f"{value:g}"


def text(x, y, words, anchor="middle", colour="#222222", size=12):
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}" '
        f'font-size="{size}">{escape(words)}</text>'
    )


def line(x1, y1, x2, y2, colour, width=1.0):
    return (
        f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" '
        f'stroke="{colour}" stroke-width="{width}"/>'
    )


def document(width, height, parts):
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
            f'width="{width}" height="{height}" font-family="sans-serif">',
            f'<rect width="{width}" height="{height}" fill="white"/>',
            *parts,
            "</svg>",
            "",
        ]
    )


def ticks(low, high):
    """1, 2 and 5 times powers of ten within [low, high]; powers alone where those are many."""
    exponents = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    steps = (1,) if len(exponents) > 4 else (1, 2, 5)
    found = [step * 10.0**exponent for exponent in exponents for step in steps]
    return [tick for tick in found if low <= tick <= high]


class LogScale:
    """Positions on a logarithmic axis from `begin` to `end`, with some room at both sides."""

    def __init__(self, values, begin, end):
        self.low, self.high = min(values) / 1.15, max(values) * 1.15
        self.begin, self.end = begin, end

    def __call__(self, value):
        share = math.log(value / self.low) / math.log(self.high / self.low)
        return self.begin + share * (self.end - self.begin)


def panel(left, title, series, x_values, x_title):
    """series: [(name, colour, [(x, y or None)])]; None: did not fit into memory."""
    measured = [y for _, _, values in series for _, y in values if y is not None]
    if not measured:
        return [text(left + PANEL_WIDTH / 2, TOP + 20, f"{title}: nothing measured")]
    bottom = TOP + PANEL_HEIGHT
    x_of = LogScale(x_values, left, left + PANEL_WIDTH)
    y_of = LogScale(measured, bottom, TOP)
    parts = [text(left, TOP - 12, title, "start")]
    for tick in ticks(y_of.low, y_of.high):
        parts.append(line(left, y_of(tick), left + PANEL_WIDTH, y_of(tick), "#dddddd"))
        parts.append(text(left - 6, y_of(tick) + 4, short(tick), "end", GREY, 11))
    for value in x_values:
        parts.append(text(x_of(value), bottom + 16, short(value), "middle", GREY, 11))
    parts.append(line(left, bottom, left + PANEL_WIDTH, bottom, GREY))
    parts.append(text(left + PANEL_WIDTH / 2, bottom + 34, x_title, size=12))
    for _, colour, values in series:
        there = [(x_of(x), y_of(y)) for x, y in values if y is not None]
        corners = " ".join(f"{x:.1f},{y:.1f}" for x, y in there)
        parts.append(
            f'<polyline points="{corners}" fill="none" stroke="{colour}" stroke-width="2"/>'
        )
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in there]
        for x, y in values:
            if y is None:
                parts.append(text(x_of(x), bottom - 4, "✕", "middle", colour, 14))
    return parts


def legend(names):
    parts, x = [], LEFT
    for name, colour in names:
        parts.append(f'<rect x="{x}" y="8" width="12" height="12" fill="{colour}"/>')
        parts.append(text(x + 17, 18, name, "start"))
        x += 28 + 7 * len(name)
    return parts


def programs_of(sweep):
    names = []
    for point in sweep["points"]:
        names += [p["name"] for p in point["programs"] if p["name"] not in names]
    return list(zip(names, COLOURS))


def on_axis(sweep, factor):
    """The points that differ from the centre in this factor at most, in its order."""
    others = {name: value for name, value in sweep["centre"].items() if name != factor}
    found = [
        point
        for point in sweep["points"]
        if all(point[name] == value for name, value in others.items())
    ]
    return sorted(found, key=lambda point: point[factor])


def values_of(points, factor, program, field, scale):
    values = []
    for point in points:
        for found in point["programs"]:
            if found["name"] == program:
                value = None if "skipped" in found else found[field] * scale
                values.append((point[factor], value))
    return values


def plot_factor(sweep, factor):
    points = on_axis(sweep, factor)
    programs = programs_of(sweep)
    width, height = 2 * (LEFT + PANEL_WIDTH) + GAP - LEFT + 20, TOP + PANEL_HEIGHT + 48
    parts = legend(programs)
    x_values = [point[factor] for point in points]
    panels = [
        ("seconds a search step", "seconds", 1.0),
        ("memory beyond construction, MB", "memory_bytes", 1e-6),
    ]
    for index, (title, field, scale) in enumerate(panels):
        series = [
            (name, colour, values_of(points, factor, name, field, scale))
            for name, colour in programs
        ]
        left = LEFT + index * (PANEL_WIDTH + GAP)
        parts += panel(left, title, series, x_values, TITLES[factor])
    return document(width, height, parts)


def phase_sums(program):
    """Seconds of each of PHASES, both halves of the step together."""
    halves = program["phases"].values()
    return [sum(half.get(key, 0.0) for half in halves for key in keys) for _, keys in PHASES]


def plot_phases(sweep):
    headline = sweep["headline"].items()
    found = [p for p in sweep["points"] if all(p[name] == value for name, value in headline)]
    if not found:
        return document(400, 60, [text(200, 34, "the headline configuration was not measured")])
    point = found[0]
    ran = [program for program in point["programs"] if "skipped" not in program]
    longest = max(sum(phase_sums(program)) for program in ran)
    left, bar, step, width = 150, 24, 40, 760
    colours = [(name, COLOURS[i]) for i, (name, _) in enumerate(PHASES)]
    parts = legend(colours)
    parts.append(
        text(
            left,
            TOP,
            f"C={point['channels']}, {point['cells']} cells, batch {point['batch']}, "
            f"{point['image_size']}×{point['image_size']}, {point['threads']} threads",
            "start",
        )
    )
    for row, program in enumerate(ran):
        y, x = TOP + 14 + row * step, float(left)
        parts.append(text(left - 8, y + 16, program["name"], "end"))
        for seconds, (_, colour) in zip(phase_sums(program), colours):
            length = seconds / longest * (width - left - 90)
            parts.append(
                f'<rect x="{x:.1f}" y="{y}" width="{length:.1f}" height="{bar}" fill="{colour}"/>'
            )
            x += length
        parts.append(text(x + 6, y + 16, f"{program['seconds']:.3g} s", "start"))
    return document(width, TOP + 20 + len(ran) * step, parts)


def main(arguments):
    if len(arguments) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    path, folder = arguments
    with open(path, encoding="utf-8") as file:
        sweep = json.load(file)
    os.makedirs(folder, exist_ok=True)
    plots = {factor: plot_factor(sweep, factor) for factor in TITLES}
    plots["phases"] = plot_phases(sweep)
    for name, svg in plots.items():
        with open(os.path.join(folder, name + ".svg"), "w", encoding="utf-8") as file:
            file.write(svg)
    print(f"{len(plots)} plots in {folder}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
