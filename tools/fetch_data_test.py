"""tools/fetch_data: downloads from a server of its own, archives good, damaged and hostile."""

import contextlib
import gzip
import hashlib
import http.server
import io
import os
import tarfile
import tempfile
import threading
import unittest
import urllib.parse
from unittest import mock

from tools import fetch_data

FILES = {"train.bin": b"\x01" * 3000, "test.bin": b"\x02" * 500}


def entry(name, data=b"", **fields):
    """A member of an archive and what it holds."""
    info = tarfile.TarInfo(name)
    info.size = len(data)
    for field, value in fields.items():
        setattr(info, field, value)
    return info, data


def local(scheme, path, port=1):
    """A URL of this machine."""
    return urllib.parse.urlunsplit((scheme, f"127.0.0.1:{port}", path, "", ""))


def good():
    """The members of an archive as it is published, with what no data set reads."""
    return [entry("toy", type=tarfile.DIRTYPE), entry("toy/readme.html", b"read me"),
            *[entry(f"toy/{name}", data) for name, data in FILES.items()],
            entry("toy/folds.txt", b"0 1\n")]


class Handler(http.server.BaseHTTPRequestHandler):
    """/archive, /cut and /chunks (end early), /away (another scheme), /long (too much), /gone."""

    def do_GET(self):
        """Answers by the path."""
        body = self.server.archive
        if self.path == "/away":
            self.send_response(302)
            self.send_header("Location", local("ftp", "/archive"))
            self.end_headers()
            return
        if self.path == "/chunks":
            self.protocol_version = "HTTP/1.1"
            self.send_response(200)
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            self.wfile.write(b"ff\r\ncut off")
            self.close_connection = True
            return
        if self.path == "/gone":
            self.send_error(404)
            return
        self.send_response(200)
        if self.path != "/long":
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write({"/cut": body[:-10], "/long": b"x" * 20_000}.get(self.path, body))

    def log_message(self, *_):
        """Nothing."""


class FetchDataTest(unittest.TestCase):

    def setUp(self):
        folder = tempfile.TemporaryDirectory(dir=os.environ.get("TEST_TMPDIR"))
        self.addCleanup(folder.cleanup)
        self.outside = folder.name
        self.target = os.path.join(folder.name, "a", "target")
        quiet = contextlib.redirect_stdout(io.StringIO())
        quiet.__enter__()
        self.addCleanup(quiet.__exit__, None, None, None)
        self.publish(good())

    def publish(self, members):
        """Makes an archive of these members and the facts that would be published of it."""
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w:gz", format=tarfile.PAX_FORMAT) as archive:
            for info, data in members:
                archive.addfile(info, io.BytesIO(data))
        self.publish_bytes(buffer.getvalue())

    def publish_bytes(self, archive):
        """The same of any bytes."""
        self.archive = archive
        self.published = fetch_data.Published(
            local("https", "/toy.tar.gz"), hashlib.md5(archive).hexdigest(), 10_000, "toy",
            {name: len(data) for name, data in FILES.items()}, ("folds.txt",))

    def serve(self, path):
        """The published facts with a URL that a server here answers."""
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.archive = self.archive
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        return self.published._replace(url=local("http", path, server.server_port))

    def archive_file(self):
        """The archive as a file outside the target."""
        path = os.path.join(self.outside, "toy.tar.gz")
        with open(path, "wb") as file:
            file.write(self.archive)
        return path

    def files(self):
        """All files below the target, as relative paths."""
        return sorted(os.path.relpath(os.path.join(folder, name), self.target)
                      for folder, _, names in os.walk(self.target) for name in names)

    def refused(self, words, published=None, archive=None):
        """Fetching fails with these words and leaves no file but those of the data set."""
        before = set(os.listdir(self.outside)) | {"a"}
        with self.assertRaisesRegex(fetch_data.BadArchive, words):
            fetch_data.fetch(published or self.published, self.target, archive, schemes=("http",))
        self.assertLessEqual(set(os.listdir(self.outside)), before)
        allowed = {f"toy/{name}" for name in [*FILES, "folds.txt"]}
        self.assertLessEqual(set(self.files()), allowed)

    def test_downloads_checks_and_unpacks_what_is_read(self):
        folder = fetch_data.fetch(self.serve("/archive"), self.target, schemes=("http",))
        self.assertEqual(folder, os.path.join(self.target, "toy"))
        self.assertEqual(self.files(), ["toy/folds.txt", "toy/test.bin", "toy/train.bin"])
        for name, data in FILES.items():
            with open(os.path.join(folder, name), "rb") as file:
                self.assertEqual(file.read(), data)

    def test_keeps_an_archive_that_was_given(self):
        path = self.archive_file()
        fetch_data.fetch(self.published, self.target, path)
        self.assertTrue(os.path.exists(path))
        self.assertIn("toy/train.bin", self.files())

    def test_refuses_what_a_server_should_not_send(self):
        self.refused("is not http", self.published)
        self.refused("leads to ftp:", self.serve("/away"))
        self.refused("ended after", self.serve("/cut"))
        self.refused("more than 10000 bytes", self.serve("/long"))
        self.refused("expected at most 100", self.serve("/archive")._replace(max_bytes=100))
        self.refused("has md5 .*; expected 00", self.serve("/archive")._replace(md5="00"))

    def test_https_alone_unless_a_test_says_otherwise(self):
        with self.assertRaisesRegex(fetch_data.BadArchive, "is not https"):
            fetch_data.fetch(self.serve("/archive"), self.target)
        for published in fetch_data.PUBLISHED.values():
            self.assertTrue(published.url.startswith("https://"))

    def test_refuses_hostile_members(self):
        for words, member in [
                ("outside its folder", entry("/etc/evil", b"x")),
                ("outside its folder", entry("../evil", b"x")),
                ("outside its folder", entry("toy/../../evil", b"x")),
                ("outside its folder", entry("toy\\..\\evil", b"x")),
                ("a link or a device", entry("toy/train.bin", type=tarfile.SYMTYPE, linkname="/")),
                ("a link or a device", entry("toy/l", type=tarfile.LNKTYPE, linkname="../../x")),
                ("a link or a device", entry("toy/fifo", type=tarfile.FIFOTYPE)),
                ("a link or a device", entry("toy/device", type=tarfile.CHRTYPE)),
                ("has 3001 bytes", entry("toy/train.bin", b"x" * 3001)),
                ("has 0 bytes", entry("toy/train.bin", type=tarfile.DIRTYPE)),
                (r"has 1048577 bytes", entry("toy/folds.txt", b"x" * ((1 << 20) + 1))),
        ]:
            with self.subTest(member=member[0].name, words=words):
                self.publish([member] + good())
                self.refused(words, archive=self.archive_file())

    def test_refuses_bombs(self):
        # A member, and a header of the archive's own, that say they are a terabyte.
        for kind, words in [(tarfile.REGTYPE, "unpacks to more|asks for more|is damaged"),
                            (tarfile.XHDTYPE, "asks for more")]:
            info = tarfile.TarInfo("toy/bomb")
            info.size, info.type = 1 << 40, kind
            self.publish_bytes(gzip.compress(info.tobuf(tarfile.GNU_FORMAT) + bytes(1 << 20)))
            self.refused(words, archive=self.archive_file())
        self.publish([entry(f"toy/{i}") for i in range(1001)] + good())
        self.refused("more than 1000 files", archive=self.archive_file())

    def test_says_what_is_damaged_or_missing(self):
        whole = self.archive
        for cut in (1, 20, len(whole) // 3, len(whole) // 2):
            self.publish_bytes(whole[:cut])
            self.refused("is damaged|lacks|ends inside", archive=self.archive_file())
        self.publish_bytes(b"no archive at all")
        self.refused("is damaged", archive=self.archive_file())
        self.publish(good()[:3])
        self.refused("lacks folds.txt, test.bin", archive=self.archive_file())

    def test_exit_codes(self):
        def run(*arguments):
            with contextlib.redirect_stderr(io.StringIO()) as err, mock.patch.dict(
                    fetch_data.PUBLISHED, toy=self.published), mock.patch.dict(
                        os.environ, BUILD_WORKING_DIRECTORY=self.outside):
                return fetch_data.main(list(arguments)), err.getvalue()

        self.archive_file()
        self.assertEqual(run("toy", "--to=a/target", "--archive=toy.tar.gz")[0], 0)
        self.assertIn("toy/train.bin", self.files())
        for usage in [(), ("toy",), ("--to=x",), ("nothing", "--to=x"), ("toy", "x", "--to=x"),
                      ("toy", "--to="), ("toy", "--to=x", "--fast")]:
            self.assertEqual(run(*usage)[0], 2, usage)
        code, words = run("toy", "--to=x", "--archive=absent")
        self.assertEqual(code, 3)
        self.assertIn("absent", words)
        self.published = self.published._replace(md5="00")
        code, words = run("toy", "--to=x", "--archive=toy.tar.gz")
        self.assertEqual(code, 3)
        self.assertTrue(words.startswith("toy: "), words)
        for path, reason in [("/gone", "404"), ("/chunks", "IncompleteRead")]:
            self.published = self.serve(path)
            with mock.patch.object(fetch_data.fetch, "__defaults__", (None, ("http",))):
                code, words = run("toy", "--to=x")
            self.assertEqual(code, 3)
            self.assertIn(reason, words)

    def test_a_full_disk_is_a_matter_of_resources(self):
        with mock.patch.object(fetch_data, "fetch", side_effect=OSError(28, "No space left")), \
                contextlib.redirect_stderr(io.StringIO()):
            self.assertEqual(fetch_data.main(["stl10", "--to=x"]), 5)


if __name__ == "__main__":
    unittest.main()
