"""The download against a local server that breaks, ignores ranges, lies and refuses."""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import os
import re
import shutil
import ssl
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from labbench.audio.fetch import BLOCK, SHA256, SIZE, URL, Remote, fetch
from labbench.errors import DataError

CONTENT = np.random.default_rng(0).bytes(3_000_000)


class Server:
    """What the server does, and what it was asked."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.breaks = 0
        self.ranges = True
        self.etag = '"one"'
        self.content = CONTENT
        self.status = 0
        self.redirect = ""
        self.chunked = False
        self.headers: dict[str, str] = {}
        """Sent in place of what would be right, of a 206 only `Content-Range`."""
        self.asked: list[str] = []
        self.sent = 0
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_: Any) -> None: ...

            def do_GET(self) -> None:
                asked = self.headers.get("Range", "")
                server.asked.append(asked)
                assert self.headers["Accept-Encoding"] == "identity"
                self.close_connection = True
                if server.status:
                    self.send_error(server.status)
                    return
                if server.redirect:
                    self.send_response(302)
                    self.answer({"Location": server.redirect, "Content-Length": "0"}, b"")
                    return
                start = 0
                fresh = self.headers.get("If-Range", server.etag) == server.etag
                headers = {"ETag": server.etag, **server.headers}
                if asked and server.ranges and fresh:
                    start = int(asked.removeprefix("bytes=").rstrip("-"))
                    total = len(server.content)
                    if start >= total:
                        self.send_response(416)
                        self.answer({"Content-Range": f"bytes */{total}"}, b"")
                        return
                    self.send_response(206)
                    headers = {"Content-Range": f"bytes {start}-{total - 1}/{total}", **headers}
                else:
                    self.send_response(200)
                    headers.pop("Content-Range", None)
                body = server.content[start:]
                if server.chunked:
                    headers["Transfer-Encoding"] = "chunked"
                else:
                    headers = {"Content-Length": str(len(body)), **headers}
                if server.breaks:
                    server.breaks -= 1
                    body = body[: len(body) // 3]
                self.answer(headers, body)

            def answer(self, headers: dict[str, str], body: bytes) -> None:
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                with contextlib.suppress(ConnectionError):
                    for at in range(0, len(body), 1 << 16):
                        piece = body[at : at + (1 << 16)]
                        if "Transfer-Encoding" in headers:
                            self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
                        else:
                            self.wfile.write(piece)
                        server.sent += len(piece)
                    if "Transfer-Encoding" in headers:
                        self.wfile.write(b"0\r\n\r\n")

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        if tls:
            self.http.socket = tls.wrap_socket(self.http.socket, server_side=True)
        self.url = f"http{'s' if tls else ''}://127.0.0.1:{self.http.server_port}/x.tar.gz"
        threading.Thread(target=self.http.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def remote(self) -> Remote:
        return Remote(self.url, len(CONTENT), hashlib.sha256(CONTENT).hexdigest())

    def close(self) -> None:
        self.http.shutdown()
        self.http.server_close()


@pytest.fixture
def server() -> Iterator[Server]:
    one = Server()
    yield one
    one.close()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key and its certificate for this machine, in one file."""
    if shutil.which("openssl") is None:
        pytest.skip("no openssl to make a certificate with")
    folder = tmp_path_factory.mktemp("tls")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
         "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1",
         "-keyout", folder / "key", "-out", folder / "crt"],
        check=True, capture_output=True,
    )  # fmt: skip
    (folder / "both.pem").write_bytes((folder / "key").read_bytes() + (folder / "crt").read_bytes())
    return folder / "both.pem"


@pytest.fixture
def safe(certificate: Path) -> Iterator[Server]:
    """A server that speaks https."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    one = Server(context)
    yield one
    one.close()


def no_wait(seconds: float) -> None: ...


def test_all_at_once(server: Server, tmp_path: Path) -> None:
    seen: list[tuple[int, int, str]] = []
    path = fetch(server.remote, tmp_path / "x", progress=lambda *a: seen.append(a))
    assert path.read_bytes() == CONTENT
    assert seen[-1][:2] == (len(CONTENT), len(CONTENT))
    assert sorted(p.name for p in tmp_path.iterdir() if not p.name.startswith(".")) == ["x"]


def test_a_line_that_breaks_is_gone_on_with(server: Server, tmp_path: Path) -> None:
    server.breaks = 3
    assert fetch(server.remote, tmp_path / "x", wait=no_wait).read_bytes() == CONTENT
    assert server.asked[0] == ""
    # What came of the last block before the break is asked for again, and no more than that.
    went_on_at = int(server.asked[1].removeprefix("bytes=").rstrip("-"))
    assert 0 <= len(CONTENT) // 3 - went_on_at < BLOCK
    assert len(CONTENT) <= server.sent < len(CONTENT) + 3 * BLOCK


def test_a_later_call_goes_on_too(server: Server, tmp_path: Path) -> None:
    (tmp_path / "x.part").write_bytes(CONTENT[:1_000_000])
    (tmp_path / "x.part.etag").write_text('"one"')
    fetch(server.remote, tmp_path / "x", wait=no_wait)
    assert server.sent == len(CONTENT) - 1_000_000


def test_another_file_on_the_server_is_begun_anew(server: Server, tmp_path: Path) -> None:
    (tmp_path / "x.part").write_bytes(b"\0" * 1_000_000)
    (tmp_path / "x.part.etag").write_text('"old"')
    assert fetch(server.remote, tmp_path / "x", wait=no_wait).read_bytes() == CONTENT


def test_a_server_without_ranges_is_begun_anew(server: Server, tmp_path: Path) -> None:
    server.breaks, server.ranges = 1, False
    assert fetch(server.remote, tmp_path / "x", wait=no_wait).read_bytes() == CONTENT


def test_wrong_bytes_are_refused_and_removed(server: Server, tmp_path: Path) -> None:
    server.content = b"\1" + CONTENT[1:]
    with pytest.raises(DataError, match="checksum"):
        fetch(server.remote, tmp_path / "x", wait=no_wait)
    assert [p.name for p in tmp_path.iterdir() if not p.name.startswith(".")] == []


def test_another_size_is_refused_before_it_is_fetched(server: Server, tmp_path: Path) -> None:
    server.content = CONTENT[:-5]
    with pytest.raises(DataError, match="expected"):
        fetch(server.remote, tmp_path / "x", wait=no_wait)
    assert server.sent == 0 or not (tmp_path / "x").exists()


def test_a_missing_file_is_said_at_once(server: Server, tmp_path: Path) -> None:
    server.status = 404
    with pytest.raises(DataError, match="404"):
        fetch(server.remote, tmp_path / "x", wait=no_wait)
    assert len(server.asked) == 1


def test_a_busy_server_is_asked_again(server: Server, tmp_path: Path) -> None:
    server.status = 429

    def wait(seconds: float) -> None:
        server.status = 0

    assert fetch(server.remote, tmp_path / "x", wait=wait).read_bytes() == CONTENT


def test_a_server_that_fails_is_tried_again_then_given_up(server: Server, tmp_path: Path) -> None:
    server.status = 503
    (tmp_path / "x.part").write_bytes(CONTENT[:500])
    with pytest.raises(DataError, match="keeps dropping") as failure:
        fetch(server.remote, tmp_path / "x", wait=no_wait)
    assert "500 bytes are kept" in failure.value.hint
    assert len(server.asked) == 6


@pytest.mark.parametrize(
    ("url", "why"),
    [("http://nowhere.invalid/x", "(?i)name|resol|address"), ("http://127.0.0.1:9/x", "refused")],
)
def test_a_server_that_cannot_be_reached_is_said_soon(tmp_path: Path, url: str, why: str) -> None:
    """Nobody listens at the discard port, and no name ends in .invalid (RFC 2606)."""
    waits: list[float] = []
    (tmp_path / "x.part").write_bytes(CONTENT[:500])
    with pytest.raises(DataError, match="is not reached") as failure:
        fetch(Remote(url), tmp_path / "x", wait=waits.append)
    assert re.search(why, failure.value.what)
    assert "500 bytes are kept" in failure.value.hint
    assert sum(waits) < 5


def test_a_server_that_goes_away_meanwhile_is_waited_for(server: Server, tmp_path: Path) -> None:
    """What was reached once may come back: a router that starts anew takes half a minute."""
    server.breaks = 1
    waits: list[float] = []

    def wait(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 1:
            server.close()

    with pytest.raises(DataError, match="keeps dropping"):
        fetch(server.remote, tmp_path / "x", wait=wait)
    assert len(waits) == 6
    assert sum(waits) > 30


@pytest.mark.parametrize("kind", ["pipe", "bytes", "link"])
def test_a_mark_that_cannot_be_read_is_none(server: Server, tmp_path: Path, kind: str) -> None:
    (tmp_path / "x.part").write_bytes(CONTENT[:1_000_000])
    mark = tmp_path / "x.part.etag"
    if kind == "pipe":
        os.mkfifo(mark)
    elif kind == "link":
        mark.symlink_to(mark.name)
    else:
        mark.write_bytes(b"\xff\xfe\x00")
    assert fetch(server.remote, tmp_path / "x", wait=no_wait).read_bytes() == CONTENT


def test_too_small_a_disk_is_said_before(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from types import SimpleNamespace

    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=1000))
    with pytest.raises(DataError, match="the disk has 1,000 free"):
        fetch(server.remote, tmp_path / "x", wait=no_wait)


def kept(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if not path.name.startswith("."))


@pytest.mark.parametrize(
    "said", ["bytes 0-2999999/3000000", "bytes 999999-2999999/3000000", "bytes 1000000-2999999/*x",
             "bytes 1000000-1999999/3000000", "", "items 1000000-2999999/3000000"],
)  # fmt: skip
def test_another_part_than_was_asked_for_is_not_written(
    server: Server, tmp_path: Path, said: str
) -> None:
    (tmp_path / "x.part").write_bytes(CONTENT[:1_000_000])
    server.headers = {"Content-Range": said}
    assert fetch(server.remote, tmp_path / "x", wait=no_wait).read_bytes() == CONTENT
    assert server.asked == ["bytes=1000000-", ""]


def test_a_part_of_a_file_of_another_length_is_not_written(server: Server, tmp_path: Path) -> None:
    """Where nobody knows the right length beforehand, that of the first answer is."""
    (tmp_path / "x.part").write_bytes(b"\0" * 1_000_000)
    (tmp_path / "x.part.etag").write_text('"one"\n2999999')
    server.headers = {"Last-Modified": "Mon, 01 Jan 2024 00:00:00 GMT"}
    remote = Remote(server.url, None, None)
    assert fetch(remote, tmp_path / "x", wait=no_wait).read_bytes() == CONTENT


@pytest.mark.parametrize("etag", ['W/"weak"', '"a\tb"', "x" * 500, ""])
def test_a_mark_that_cannot_tell_files_apart_is_not_kept(
    server: Server, tmp_path: Path, etag: str
) -> None:
    server.breaks, server.etag = 1, etag
    assert fetch(server.remote, tmp_path / "x", wait=no_wait).read_bytes() == CONTENT


def test_no_more_is_written_than_was_expected(server: Server, tmp_path: Path) -> None:
    """A chunked answer announces no length: 30 MB come where 3 MB were expected."""
    server.chunked, server.content = True, CONTENT * 10
    assert fetch(server.remote, tmp_path / "x", wait=no_wait).read_bytes() == CONTENT
    assert server.sent < 2 * len(CONTENT) + (8 << 20), "what lies in buffers"


def test_a_packed_answer_is_not_unpacked(server: Server, tmp_path: Path) -> None:
    """Of zeros that pack to little, as much as was announced is written, and is not it."""
    server.content = gzip.compress(bytes(200_000_000), 1)[:900_000]
    server.headers = {"Content-Encoding": "gzip"}
    with pytest.raises(DataError, match="the server offers 8"):
        fetch(server.remote, tmp_path / "x", wait=no_wait)
    server.chunked = True
    seen: list[int] = []
    with pytest.raises(DataError, match="cannot resume the download"):
        fetch(server.remote, tmp_path / "x", progress=lambda *a: seen.append(a[0]), wait=no_wait)
    assert max(seen) <= len(server.content)


def test_a_file_that_is_only_called_packed_is_right(server: Server, tmp_path: Path) -> None:
    """Servers that take the end of x.tar.gz for a way to send it."""
    server.headers = {"Content-Encoding": "gzip"}
    assert fetch(server.remote, tmp_path / "x", wait=no_wait).read_bytes() == CONTENT


def test_a_file_of_unknown_size_has_an_end(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.chunked = True
    remote = Remote(server.url, None, None)
    assert fetch(remote, tmp_path / "x", wait=no_wait).read_bytes() == CONTENT
    monkeypatch.setattr("labbench.audio.fetch.LARGEST", 1_000_000)
    with pytest.raises(DataError, match="sends more than 1,000,000 bytes"):
        fetch(remote, tmp_path / "y", wait=no_wait)
    assert (tmp_path / "y.part").stat().st_size == 1_000_000


def test_progress_comes_in_small_pieces(server: Server, tmp_path: Path) -> None:
    seen: list[int] = []
    fetch(server.remote, tmp_path / "x", progress=lambda *a: seen.append(a[0]))
    steps = np.diff([0, *seen])
    assert 0 < steps.max() <= BLOCK <= 1 << 16


def test_https_is_spoken_and_never_left(
    safe: Server, server: Server, certificate: Path, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    with pytest.raises(DataError, match="certificate verify failed"):
        fetch(safe.remote, tmp_path / "x", wait=no_wait)
    assert not safe.asked
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
    assert fetch(safe.remote, tmp_path / "x", wait=no_wait).read_bytes() == CONTENT
    server.redirect = safe.url
    assert fetch(server.remote, tmp_path / "y", wait=no_wait).read_bytes() == CONTENT
    server.redirect, safe.redirect = "", server.url.upper().replace("X.TAR", "x.tar")
    with pytest.raises(DataError, match="leads from https to HTTP://"):
        fetch(safe.remote, tmp_path / "z", wait=no_wait)
    assert len(server.asked) == 1
    assert kept(tmp_path) == ["x", "y"]


@pytest.mark.parametrize("url", ["x", "ftp://127.0.0.1/x", "http://", "http://[::1/x"])
def test_an_address_that_can_be_none_is_said_at_once(tmp_path: Path, url: str) -> None:
    waited: list[float] = []
    with pytest.raises(DataError, match="cannot be fetched"):
        fetch(Remote(url), tmp_path / "x", wait=waited.append)
    assert not waited


def test_the_official_archive_is_the_one_of_the_report() -> None:
    assert URL.startswith("https://")
    assert URL.endswith("speech_commands_v0.02.tar.gz")
    assert SIZE == 2_428_923_189
    assert SHA256 == "af14739ee7dc311471de98f5f9d2c9191b18aedfe957f4a6ff791c709868ff58"
