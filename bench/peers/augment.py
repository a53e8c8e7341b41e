"""Times SimCLR's augmentations in the Python libraries that have them, on one core.

usage: python3 -m bench.peers.augment [--venv=DIR] [--seconds=S] [--sizes=32,96,224]
           [--libraries=torchvision_pil,torchvision_tensor,kornia,albumentations,dali]
           [--ours=bazel-bin/bench/augment]

The first run makes a virtual environment in DIR (runs/augment_peers; some 7 GB, most of it CUDA
libraries that nothing here uses) from augment_requirements.txt and goes on inside it. Sources are
decoded images of noise, another one for each view; steps and probabilities are those of
//bench:augment, which is run on the same core where --ours is there. Seconds are the process's own,
all threads together; each repetition draws the same, and the fastest counts. Prints a table and,
last, one JSON line.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
REQUIREMENTS = os.path.join(HERE, "augment_requirements.txt")
# Height and width of the sources, size of the views, views a repetition.
CASES = {32: (32, 32, 256), 96: (96, 96, 128), 224: (375, 500, 32)}
BATCH = 32  # of the libraries that take batches
SIGMA = (0.1, 2.0)
MEAN, STD = (0.5, 0.5, 0.5), (0.25, 0.25, 0.25)
JITTER = {"brightness": 0.4, "contrast": 0.4, "saturation": 0.4, "hue": 0.1}
P_JITTER, P_GRAY, P_BLUR = 0.8, 0.2, 0.5
SCALE, RATIO = (0.08, 1.0), (3 / 4, 4 / 3)


def taps(size):
    return 2 * (size // 10 // 2) + 1


def noise(size):
    import numpy

    height, width, count = CASES[size]
    generator = numpy.random.default_rng(1)
    return generator.integers(0, 256, (count, height, width, 3), dtype=numpy.uint8)


def torchvision_steps(size):
    """The steps that both kinds of images go through, from transforms.v2."""
    from torchvision.transforms import InterpolationMode
    from torchvision.transforms import v2

    return [
        v2.RandomResizedCrop(
            size, SCALE, RATIO, interpolation=InterpolationMode.BICUBIC, antialias=True
        ),
        v2.RandomHorizontalFlip(),
        v2.RandomApply([v2.ColorJitter(**JITTER)], P_JITTER),
        v2.RandomGrayscale(P_GRAY),
        v2.RandomApply([v2.GaussianBlur(taps(size), SIGMA)], P_BLUR),
    ]


def torchvision_last():
    import torch
    from torchvision.transforms import v2

    return [v2.ToDtype(torch.float32, scale=True), v2.Normalize(MEAN, STD)]


def torchvision_pil(size):
    from PIL import Image
    from torchvision.transforms import v2

    images = [Image.fromarray(image) for image in noise(size)]
    view = v2.Compose([*torchvision_steps(size), v2.ToImage(), *torchvision_last()])
    return lambda: [view(image) for image in images]


def torchvision_tensor(size):
    """Bytes, channels first, until the last two steps: the fastest way through v2."""
    import torch
    from torchvision.transforms import v2

    images = torch.from_numpy(noise(size)).permute(0, 3, 1, 2).contiguous()
    view = v2.Compose([*torchvision_steps(size), *torchvision_last()])
    return lambda: [view(image) for image in images]


def kornia(size):
    """Batches, as it wants them; floats."""
    import torch
    from kornia import augmentation as k

    images = torch.from_numpy(noise(size)).permute(0, 3, 1, 2).contiguous()
    view = torch.nn.Sequential(
        k.RandomResizedCrop(
            (size, size), SCALE, RATIO, resample="bicubic", cropping_mode="resample"
        ),
        k.RandomHorizontalFlip(p=0.5),
        k.ColorJitter(**JITTER, p=P_JITTER),
        k.RandomGrayscale(p=P_GRAY),
        k.RandomGaussianBlur((taps(size), taps(size)), SIGMA, p=P_BLUR),
        k.Normalize(torch.tensor(MEAN), torch.tensor(STD)),
    )
    return lambda: [view(batch.float() / 255) for batch in images.split(BATCH)]


def albumentations(size):
    import albumentations as a
    import cv2

    cv2.setNumThreads(1)
    images = noise(size)
    view = a.Compose(
        [
            a.RandomResizedCrop((size, size), SCALE, RATIO, interpolation=cv2.INTER_CUBIC),
            a.HorizontalFlip(p=0.5),
            a.ColorJitter(
                brightness=(0.6, 1.4), contrast=(0.6, 1.4), saturation=(0.6, 1.4),
                hue=(-0.1, 0.1), p=P_JITTER,
            ),
            a.ToGray(p=P_GRAY),
            a.GaussianBlur(blur_limit=(taps(size), taps(size)), sigma_limit=SIGMA, p=P_BLUR),
            a.Normalize(mean=MEAN, std=STD, max_pixel_value=255.0),
        ],
        seed=1,
    )

    def run():
        view.set_random_seed(1)
        return [view(image=image)["image"] for image in images]

    return run


def dali_graph(size, images):
    """One batch through DALI's operators of the CPU; jitter in a fixed order, as DALI has it."""
    from nvidia.dali import fn, types

    def chance(probability):
        return fn.random.coin_flip(probability=probability)

    def about_one(strength, applied):
        drawn = fn.random.uniform(range=(-strength, strength))
        return 1 + drawn * applied

    pixels = fn.external_source(source=images, batch=True, layout="HWC")
    pixels = fn.random_resized_crop(
        pixels, size=(size, size), random_area=SCALE, random_aspect_ratio=RATIO,
        interp_type=types.INTERP_CUBIC, antialias=True,
    )
    applied = fn.cast(chance(P_JITTER), dtype=types.FLOAT)
    pixels = fn.color_twist(
        pixels,
        brightness=about_one(JITTER["brightness"], applied),
        contrast=about_one(JITTER["contrast"], applied),
        # No saturation is grey.
        saturation=about_one(JITTER["saturation"], applied)
        * fn.cast(1 - chance(P_GRAY), dtype=types.FLOAT),
        hue=fn.random.uniform(range=(-360 * JITTER["hue"], 360 * JITTER["hue"])) * applied,
    )
    # A sigma too small to see where no blur is drawn: DALI has no branch that costs nothing.
    blurred = fn.cast(chance(P_BLUR), dtype=types.FLOAT)
    sigma = fn.random.uniform(range=SIGMA) * blurred + 0.01 * (1 - blurred)
    pixels = fn.gaussian_blur(pixels, window_size=taps(size), sigma=sigma)
    return fn.crop_mirror_normalize(
        pixels, mirror=chance(0.5), dtype=types.FLOAT, output_layout="HWC",
        mean=[255 * mean for mean in MEAN], std=[255 * std for std in STD],
    )


def dali(size):
    from nvidia.dali import pipeline_def

    images = noise(size)
    batches = [list(images[i : i + BATCH]) for i in range(0, len(images), BATCH)]
    turn = iter(range(1 << 62))

    @pipeline_def(batch_size=BATCH, num_threads=1, device_id=None, seed=1)
    def graph():
        return dali_graph(size, lambda: batches[next(turn) % len(batches)])

    pipeline = graph()
    pipeline.build()
    return lambda: [pipeline.run() for _ in batches]


LIBRARIES = {
    "torchvision_pil": torchvision_pil,
    "torchvision_tensor": torchvision_tensor,
    "kornia": kornia,
    "albumentations": albumentations,
    "dali": dali,
}


def views_per_second(library, size, seconds):
    import numpy
    import torch

    torch.set_num_threads(1)
    run = LIBRARIES[library](size)
    best, end = float("inf"), time.process_time() + seconds
    repetition = 0
    while repetition < 3 or time.process_time() < end:
        random.seed(1)
        numpy.random.seed(1)
        torch.manual_seed(1)
        begin = time.process_time()
        run()
        best = min(best, time.process_time() - begin)
        repetition += 1
    return CASES[size][2] / best


def of_ours(binary, sizes, seconds):
    done = subprocess.run(
        [binary, f"--seconds={seconds}"], stdout=subprocess.PIPE, text=True, check=True
    )
    summary = json.loads(done.stdout.splitlines()[-1])
    return {size: summary[f"views_per_second_per_core_{size}"] for size in sizes}


def measure(options):
    # Everything below inherits it.
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    results = {}
    if os.path.exists(options.ours):
        results["this project"] = of_ours(options.ours, options.sizes, options.seconds)
    for library in options.libraries:
        results[library] = {}
        for size in options.sizes:
            # A process of its own: what one library sets up would count for the next.
            flags = [f"--only={library}:{size}", f"--seconds={options.seconds}"]
            done = subprocess.run(
                [sys.executable, "-m", "bench.peers.augment", *flags],
                stdout=subprocess.PIPE, text=True, check=False,
            )
            found = done.returncode == 0
            results[library][size] = float(done.stdout.splitlines()[-1]) if found else None
    return results


def print_table(results, sizes):
    print(f"{'views/s on one core':24}" + "".join(f"{size:>10}²" for size in sizes))
    for name, found in results.items():
        cells = ["-" if found[size] is None else f"{found[size]:.0f}" for size in sizes]
        print(f"{name:24}" + "".join(f"{cell:>11}" for cell in cells))
    print(json.dumps(results))


def enter_environment(folder, arguments):
    """Goes on in the virtual environment, which is made where it is not there whole."""
    python = os.path.join(folder, "bin", "python")
    whole = os.path.join(folder, "whole")
    with open(REQUIREMENTS, encoding="utf-8") as file:
        wanted = file.read()
    installed = ""
    if os.path.exists(whole):
        with open(whole, encoding="utf-8") as file:
            installed = file.read()
    if installed != wanted:
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        subprocess.run([python, "-m", "pip", "install", "-q", "-r", REQUIREMENTS], check=True)
        with open(whole, "w", encoding="utf-8") as file:
            file.write(wanted)
    os.execv(python, [python, "-m", "bench.peers.augment", "--inside", *arguments])


def parse(arguments):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--venv", default="runs/augment_peers")
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--sizes", default="32,96,224")
    parser.add_argument("--libraries", default=",".join(LIBRARIES))
    parser.add_argument("--ours", default="bazel-bin/bench/augment")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--only", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    options.sizes = [int(size) for size in options.sizes.split(",")]
    options.libraries = options.libraries.split(",")
    unknown = set(options.libraries) - set(LIBRARIES) | {
        str(size) for size in options.sizes if size not in CASES
    }
    if unknown:
        parser.error(f"unknown: {', '.join(sorted(unknown))}; "
                     f"libraries: {', '.join(LIBRARIES)}; sizes: {', '.join(map(str, CASES))}")
    return options


def main(arguments):
    options = parse(arguments)
    if options.only:
        library, size = options.only.split(":")
        print(views_per_second(library, int(size), options.seconds))
        return
    if not options.inside:
        enter_environment(options.venv, arguments)
    print_table(measure(options), options.sizes)


if __name__ == "__main__":
    main(sys.argv[1:])
