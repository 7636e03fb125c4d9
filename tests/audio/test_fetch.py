"""The download against a local server that breaks, ignores ranges, lies and refuses."""

from __future__ import annotations

import hashlib
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

    def __init__(self) -> None:
        self.breaks = 0
        self.ranges = True
        self.etag = '"one"'
        self.content = CONTENT
        self.status = 0
        self.asked: list[str] = []
        self.sent = 0
        server = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_: Any) -> None: ...

            def do_GET(self) -> None:
                asked = self.headers.get("Range", "")
                server.asked.append(asked)
                if server.status:
                    self.send_error(server.status)
                    return
                start = 0
                fresh = self.headers.get("If-Range", server.etag) == server.etag
                if asked and server.ranges and fresh:
                    start = int(asked.removeprefix("bytes=").rstrip("-"))
                    if start >= len(server.content):
                        self.send_error(416)
                        return
                    self.send_response(206)
                else:
                    self.send_response(200)
                body = server.content[start:]
                self.send_header("Content-Length", str(len(body)))
                self.send_header("ETag", server.etag)
                self.end_headers()
                if server.breaks:
                    server.breaks -= 1
                    body = body[: len(body) // 3]
                server.sent += len(body)
                self.wfile.write(body)

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.http.serve_forever, daemon=True).start()

    @property
    def remote(self) -> Remote:
        return Remote(
            f"http://127.0.0.1:{self.http.server_port}/x.tar.gz",
            len(CONTENT),
            hashlib.sha256(CONTENT).hexdigest(),
        )


@pytest.fixture
def server() -> Iterator[Server]:
    one = Server()
    yield one
    one.http.shutdown()
    one.http.server_close()


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
    with pytest.raises(DataError, match="keeps breaking") as failure:
        fetch(server.remote, tmp_path / "x", wait=no_wait)
    assert "500 bytes are kept" in failure.value.hint
    assert len(server.asked) == 6


def test_too_small_a_disk_is_said_before(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import shutil
    from types import SimpleNamespace

    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=1000))
    with pytest.raises(DataError, match="the disk has 1,000 free"):
        fetch(server.remote, tmp_path / "x", wait=no_wait)


def test_the_official_archive_is_the_one_of_the_report() -> None:
    assert URL.endswith("speech_commands_v0.02.tar.gz")
    assert SIZE == 2_428_923_189
    assert SHA256 == "af14739ee7dc311471de98f5f9d2c9191b18aedfe957f4a6ff791c709868ff58"
