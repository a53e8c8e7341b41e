"""Gets the files of a published data set: download, checksum, unpack.

usage: ./bazelw run //tools:fetch_data -- NAME --to=DIR [--archive=FILE]

NAME is cifar10, cifar100 or stl10. The archive is downloaded over https to DIR, its md5 is
compared with the published one, the files that the data set reads are unpacked to the archive's own
folder in DIR, and the archive is deleted. --archive=FILE unpacks one that is there already, and
keeps it. Then give DIR to an experiment with --data_dir.

Exit codes: 0 done, 2 usage, 3 the archive or the connection is bad, 5 the disk is full.
"""

import errno
import gzip
import hashlib
import http.client
import os
import sys
import tarfile
import time
import urllib.error
import urllib.request
import zlib
from typing import NamedTuple

BLOCK = 1 << 20
TIMEOUT_SECONDS = 60
LINE_SECONDS = 5
MAX_MEMBERS = 1000
MAX_READ = 1 << 24  # at once; a larger one is a header that lies
MAX_TEXT = 1 << 20


class BadArchive(Exception):
    """The archive, or the way to it, is not what was published; the text says why."""


class Published(NamedTuple):
    """Where a data set is and what of it is read."""
    url: str
    md5: str
    max_bytes: int  # of the archive
    folder: str  # the archive's own
    sizes: dict  # of the files that are unpacked
    texts: tuple = ()  # files of no fixed size, at most MAX_TEXT


CIFAR = "https://www.cs.toronto.edu/~kriz/"
PUBLISHED = {
    "cifar10": Published(
        CIFAR + "cifar-10-binary.tar.gz", "c32a1d4ab5d03f1284b67883e8d87530", 200_000_000,
        "cifar-10-batches-bin",
        {name: 30_730_000
         for name in [f"data_batch_{i}.bin" for i in range(1, 6)] + ["test_batch.bin"]}),
    "cifar100": Published(
        CIFAR + "cifar-100-binary.tar.gz", "03b5dce01913d631647c71ecec9e9cb8", 200_000_000,
        "cifar-100-binary", {"train.bin": 153_700_000, "test.bin": 30_740_000}),
    "stl10": Published(
        "https://ai.stanford.edu/~acoates/stl10/stl10_binary.tar.gz",
        "91f7769df0f17e558f3565bffb0c7dfb", 3_000_000_000, "stl10_binary",
        {"train_X.bin": 138_240_000, "train_y.bin": 5_000, "test_X.bin": 221_184_000,
         "test_y.bin": 8_000, "unlabeled_X.bin": 2_764_800_000}, ("fold_indices.txt",)),
}


class Bar:
    """Bytes done: on a terminal a line that is written over, elsewhere one every few seconds."""

    def __init__(self, label, total):
        self.label, self.total, self.out = label, total, sys.stdout
        self.done, self.shown = 0, 0.0

    def add(self, count):
        """Counts bytes and shows them now and then."""
        self.done += count
        now = time.monotonic()
        if now - self.shown < (0.1 if self.out.isatty() else LINE_SECONDS):
            return
        self.shown = now
        self.out.write(f"\r{self}\x1b[K" if self.out.isatty() else f"{self}\n")
        self.out.flush()

    def end(self):
        """The last line."""
        self.out.write(("\r\x1b[K" if self.out.isatty() else "") + f"{self}\n")
        self.out.flush()

    def __str__(self):
        words = f"{self.label}  {self.done / 1e6:.1f} MB"
        if self.total:
            words += f" of {self.total / 1e6:.1f}, {self.done / self.total:.0%}"
        return words


class SameSchemes(urllib.request.HTTPRedirectHandler):
    """Follows redirects to `schemes` only."""

    def __init__(self, schemes):
        self.schemes = schemes

    def redirect_request(self, req, fp, code, msg, headers, newurl):
        if newurl.split(":", 1)[0].lower() not in self.schemes:
            raise BadArchive(f"{req.full_url} leads to {newurl}, which is not {self.schemes[0]}")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def download(url, path, max_bytes, schemes=("https",)):
    """Writes what `url` gives to `path`; BadArchive when it is cut off or larger than max_bytes."""
    if url.split(":", 1)[0].lower() not in schemes:
        raise BadArchive(f"{url} is not {schemes[0]}")
    opener = urllib.request.build_opener(SameSchemes(schemes))
    with opener.open(url, timeout=TIMEOUT_SECONDS) as source, open(path, "wb") as target:
        total = int(source.headers.get("Content-Length") or 0)
        if total > max_bytes:
            raise BadArchive(f"{url} has {total} bytes; expected at most {max_bytes}")
        bar = Bar(os.path.basename(url), total)
        while block := source.read(BLOCK):
            if bar.done + len(block) > max_bytes:
                raise BadArchive(f"{url} has more than {max_bytes} bytes")
            target.write(block)
            bar.add(len(block))
        bar.end()
        if bar.done < total:
            raise BadArchive(f"{url} ended after {bar.done} of {total} bytes. Try again")


def check_md5(path, expected):
    """BadArchive unless the file's md5 is the published one."""
    digest = hashlib.md5(usedforsecurity=False)
    with open(path, "rb") as file:
        while block := file.read(BLOCK):
            digest.update(block)
    if digest.hexdigest() != expected:
        raise BadArchive(f"{path} has md5 {digest.hexdigest()}; expected {expected}. Get it again")


class BoundedReader:
    """A decompressed archive that refuses large reads and what is past `limit`."""

    def __init__(self, file, limit):
        self.file, self.limit = file, limit

    def read(self, size):
        """As of a file."""
        if size > MAX_READ or self.file.tell() + size > self.limit + MAX_READ:
            raise BadArchive("a header of the archive asks for more than the data set has")
        return self.file.read(size)

    def seek(self, position):
        """As of a file."""
        if position > self.limit + MAX_READ:
            raise BadArchive("the archive unpacks to more than the data set has")
        return self.file.seek(position)

    def tell(self):
        """As of a file."""
        return self.file.tell()


def wanted_name(member, published):
    """Name of a file to unpack, or None for what is left out; BadArchive for what is hostile."""
    parts = member.name.split("/")
    shown = ascii(member.name)
    if member.name.startswith("/") or ".." in parts or "\\" in member.name:
        raise BadArchive(f"the archive has {shown}, which is outside its folder")
    if not (member.isreg() or member.isdir()):
        raise BadArchive(f"the archive has {shown}, which is a link or a device")
    name = "/".join(part for part in parts if part != ".")
    if not name.startswith(published.folder + "/"):
        return None
    name = name[len(published.folder) + 1:]
    if name in published.texts and member.isreg():
        if member.size > MAX_TEXT:
            raise BadArchive(f"{shown} has {member.size} bytes; expected at most {MAX_TEXT}")
        return name
    if name not in published.sizes:
        return None
    if not member.isreg() or member.size != published.sizes[name]:
        raise BadArchive(
            f"{shown} has {member.size} bytes; expected a file of {published.sizes[name]}")
    return name


def copy_member(archive, member, path, bar):
    """Writes a member beside its place, and renames it when it is whole and on the disk."""
    part = path + ".part"
    try:
        with archive.extractfile(member) as source, open(part, "wb") as target:
            left = member.size
            while left > 0:
                block = source.read(min(left, BLOCK))
                if not block:
                    raise BadArchive(f"the archive ends inside {ascii(member.name)}")
                target.write(block)
                left -= len(block)
                bar.add(len(block))
            target.flush()
            os.fsync(target.fileno())
        os.replace(part, path)
    finally:
        if os.path.lexists(part):
            os.remove(part)


def unpack(path, published, target):
    """Unpacks the files of the data set to its folder in `target`, and no other."""
    limit = sum(published.sizes.values()) + MAX_TEXT * (MAX_MEMBERS + len(published.texts))
    folder = os.path.join(target, published.folder)
    missing = set(published.sizes) | set(published.texts)
    bar = Bar("unpacked", sum(published.sizes.values()))
    try:
        with gzip.open(path) as file, tarfile.open(
                fileobj=BoundedReader(file, limit), mode="r:") as archive:
            for count, member in enumerate(archive, start=1):
                if count > MAX_MEMBERS:
                    raise BadArchive(f"the archive has more than {MAX_MEMBERS} files")
                name = wanted_name(member, published)
                if name in missing:
                    os.makedirs(folder, exist_ok=True)
                    copy_member(archive, member, os.path.join(folder, name), bar)
                    missing.remove(name)
    except (tarfile.TarError, gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise BadArchive(f"{path} is damaged: {error}. Get it again") from error
    if missing:
        raise BadArchive(f"{path} lacks {', '.join(sorted(missing))}. Get it again")
    bar.end()
    return folder


def fetch(published, target, archive=None, schemes=("https",)):
    """Downloads unless `archive` is given, checks, unpacks; the folder that has the files."""
    os.makedirs(target, exist_ok=True)
    path = archive or os.path.join(target, os.path.basename(published.url) + ".part")
    try:
        if archive is None:
            download(published.url, path, published.max_bytes, schemes)
        check_md5(path, published.md5)
        return unpack(path, published, target)
    finally:
        if archive is None and os.path.exists(path):
            os.remove(path)


def parse(arguments):
    """(name, target, archive), or None where the usage must be shown."""
    names, options = [], {"--to": "", "--archive": ""}
    for argument in arguments:
        option, equals, value = argument.partition("=")
        if option in options and equals and value:
            # Relative to where the user stood, also under `bazel run`.
            options[option] = os.path.join(
                os.environ.get("BUILD_WORKING_DIRECTORY", ""), os.path.expanduser(value))
        else:
            names.append(argument)
    if len(names) != 1 or names[0] not in PUBLISHED or not options["--to"]:
        return None
    return names[0], options["--to"], options["--archive"] or None


def main(arguments):
    """Exit code as in the file's first lines."""
    parsed = parse(arguments)
    if parsed is None:
        print(__doc__, file=sys.stderr)
        return 2
    name, target, archive = parsed
    try:
        folder = fetch(PUBLISHED[name], target, archive)
    except (BadArchive, urllib.error.URLError, http.client.HTTPException) as error:
        print(f"{name}: {error}", file=sys.stderr)
        return 3
    except OSError as error:
        print(f"{name}: {error}", file=sys.stderr)
        return 5 if error.errno in (errno.ENOSPC, errno.EDQUOT) else 3
    print(f"{name}: all files are in {folder}. Use --data_dir={target}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
