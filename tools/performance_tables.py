"""Writes the tables of docs/performance.md from the JSON files that the benchmarks printed.

usage: python3 -m tools.performance_tables docs/performance.md [--check]

A table stands between a line <!-- table: FILE.json --> and the next <!-- end of table -->;
FILE.json is the last line that bench/search_step or bench/training_step printed, in the folder
`performance` beside the page. --check changes nothing and fails where a table is not what its
file says.
"""

import json
import os
import re
import sys

BLOCK = re.compile(r"(<!-- table: (\S+) -->\n).*?(<!-- end of table -->)", re.DOTALL)
NAMES = {
    "peer nchw": "eager libtorch, NCHW",
    "peer channels_last": "eager libtorch, channels_last",
    "peer alpha_only": "the same, alpha gradients alone in the alpha step",
    "peer nt_xent": "the same with NT-Xent",
    "fused nt_xent": "fused with NT-Xent",
}


def engine_of(name, engine, programs):
    """The program that a peer is compared with; None for engines."""
    if name.startswith(engine):
        return None
    with_objective = f"{engine} nt_xent"
    if name.endswith("nt_xent") and with_objective in programs:
        return programs[with_objective]
    return programs[engine]


def rows(summary):
    programs = {program["name"]: program for program in summary["programs"]}
    for name, program in programs.items():
        title = NAMES.get(name, name)
        if "skipped" in program:
            yield f"| {title} | {program['skipped']} | | |"
            continue
        own = engine_of(name, summary["engine"], programs)
        times = f"{program['seconds'] / own['seconds']:.1f} ×" if own else ""
        yield (
            f"| {title} | {program['seconds']:.3g} | {times} "
            f"| {program['memory_bytes'] / 1e6:,.0f} |"
        )


def remarks(summary):
    """What a search step's summary says beside its programs."""
    if "roofline_ratio" in summary:
        yield (
            f"- Multiply-adds of the exact step at the measured peak "
            f"({summary['fma_peak_gflops']:.0f} GFLOP/s of {summary['threads']} threads) would "
            f"take {summary['bound_seconds']:.2g} s: the step reaches "
            f"{summary['roofline_ratio']:.2f} of that, {100 * summary['fused_mac_share']:.0f} % of "
            "them on the engine's own kernels."
        )
    if summary.get("startup_seconds") is not None:
        yield (
            "- From the start of the process to the end of its first step, less one step: "
            f"{summary['startup_seconds']:.2g} s. Memory foreseen before the first step: "
            f"{summary['memory_preflight_ratio']:.2f} of what was measured."
        )
    errors = summary.get("errors")
    if errors:
        yield (
            "- Largest error of a gradient or output against float64, median of the seeds: "
            f"{summary['max_gradient_error']:.1e} with the engine's own ReLU and max-pool "
            f"decisions ({errors['flipped']} of {errors['decisions'] / 1e6:.0f} million differ), "
            f"{summary['free_gradient_error']:.1e} without; eager libtorch in float32: "
            f"{summary['eager_gradient_error']:.1e}."
        )


def table(summary):
    lines = ["", "| | seconds a step | fused is faster by | memory, MB |", "|---|---|---|---|"]
    lines += list(rows(summary)) + [""]
    notes = list(remarks(summary))
    return "\n".join(lines + notes + ([""] if notes else [])) + "\n"


def written(page, folder):
    """The page with every table as its file says."""

    def block(match):
        with open(os.path.join(folder, match.group(2)), encoding="utf-8") as file:
            return match.group(1) + table(json.load(file)) + match.group(3)

    return BLOCK.sub(block, page)


def main(arguments):
    check = "--check" in arguments
    paths = [argument for argument in arguments if argument != "--check"]
    if len(paths) != 1:
        print(__doc__, file=sys.stderr)
        return 2
    with open(paths[0], encoding="utf-8") as file:
        page = file.read()
    new = written(page, os.path.join(os.path.dirname(paths[0]), "performance"))
    if check and new != page:
        print(f"{paths[0]} is not what its files say: run this without --check", file=sys.stderr)
        return 1
    if not check:
        with open(paths[0], "w", encoding="utf-8") as file:
            file.write(new)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
