"""Unpacks from each wheel in a folder the files that match: unpack.py FOLDER PATTERN…

A pattern with ! before it takes away what the patterns before it have chosen.
"""

import fnmatch
import pathlib
import sys
import zipfile


def chosen(name, patterns):
    keep = False
    for pattern in patterns:
        if pattern.startswith("!"):
            keep = keep and not fnmatch.fnmatchcase(name, pattern[1:])
        else:
            keep = keep or fnmatch.fnmatchcase(name, pattern)
    return keep


def main(folder, patterns):
    for wheel in sorted(pathlib.Path(folder).glob("*.whl")):
        with zipfile.ZipFile(wheel) as archive:
            names = [name for name in archive.namelist() if chosen(name, patterns)]
            if not names:
                sys.exit(f"{wheel.name} holds nothing that matches {' '.join(patterns)}")
            archive.extractall(members=names)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
