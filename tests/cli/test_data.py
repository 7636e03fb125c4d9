"""`labbench data`, as typed."""

from __future__ import annotations

import contextlib
import io
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from labbench import paths
from labbench.audio import jobs, library
from labbench.audio.meta import read_meta
from labbench.audio.store import building
from labbench.cli.app import run_app
from labbench.errors import BusyError
from labbench.runs import status
from tests import tiny
from tests.audio.sounds import voice, wave
from tests.recorded import record

WORDS = ("bed", "cat")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """20 speakers say two words; one says a long and stereo `bed`; one file is no sound."""
    root = tmp_path / "in"
    for word in WORDS:
        (root / word).mkdir(parents=True)
        for speaker in range(20):
            (root / word / f"{word}_s{speaker}_0.wav").write_bytes(wav(np.ones(16_000)))
    (root / "bed" / "bed_s3_1.wav").write_bytes(wav(np.ones((24_000, 2))))
    (root / "bed" / "bed_s4_1.wav").write_bytes(wav(np.ones(8_000)))
    (root / "cat" / "cat_s5_1.wav").write_text("no sound")
    return root


def wav(samples: np.ndarray) -> bytes:
    target = io.BytesIO()
    soundfile.write(target, (samples * 900).astype(np.int16), 16_000, format="WAV")
    return target.getvalue()


def typed(*arguments: str, stdin: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "labbench", "data", *arguments],
        input=stdin,
        capture_output=True,
        text=True,
        timeout=120,
        env={**os.environ, **environment},
    )


def test_a_folder_is_added_shown_listed_and_removed(source: Path) -> None:
    added = typed("add", "mine", str(source))
    assert added.returncode == 0, added.stderr
    lines = [line.split() for line in added.stdout.splitlines()]
    assert [line[4] for line in lines if line[:1] == ["bed"]] == ["22"]
    assert ["speakers", "16", "2", "2"] in lines
    assert "1 padded, 1 cut, 1 mixed" in added.stdout
    assert "cat/cat_s5_1.wav is not sound that can be read" in added.stdout
    assert "\x1b" not in added.stdout + added.stderr
    assert "reading: " in added.stderr
    assert typed("show", "mine").stdout == added.stdout
    listed = json.loads(typed("list", "--json").stdout)
    assert [(one["name"], one["kind"], one["clips"]) for one in listed] == [("mine", "folder", 42)]
    removed = typed("rm", "mine", "--yes")
    assert (removed.returncode, removed.stdout) == (0, "")
    assert json.loads(typed("list", "--json").stdout) == []


def test_show_as_json_counts_what_was_done(
    source: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_app(["data", "add", "mine", str(source)]) == 0
    capsys.readouterr()
    assert run_app(["data", "show", "mine", "--json"]) == 0
    out, err = capsys.readouterr()
    found = json.loads(out)
    assert err == ""
    assert {word: sum(row.values()) for word, row in found["clips_by_word"].items()} == {
        "bed": 22, "cat": 20,
    }  # fmt: skip
    assert found["speakers"] == {"train": 16, "validation": 2, "test": 2}
    assert found["durations_s"] == {"min": 0.5, "median": 1.0, "max": 1.5}
    assert found["under_one_second"] == 1
    assert found["changed"] == {
        "padded": 1, "cut": 1, "resampled": 0, "mixed": 1, "clipped": 0, "muted": 0, "cancelled": 0,
    }  # fmt: skip
    assert [one["name"] for one in found["skipped"]] == ["cat/cat_s5_1.wav"]
    assert found["source"] == str(source.resolve())
    assert len(found["rules"]) == 5
    assert len(found["fingerprint"]) == 64
    assert found["size_bytes"] > 42 * 32_000


@pytest.mark.parametrize(
    ("arguments", "code", "why"),
    [
        (("add", "mine", "{source}/none"), 4, "no such file or folder"),
        (("add", "../mine", "{source}"), 4, "cannot be the name"),
        (("add", "mine", "{source}", "--words", "bed,dog"), 4, "no clips of 'dog'"),
        (("add", "mine", "{source}", "--words", "bed,bed"), 4, "named twice"),
        (("show", "none"), 4, "There is no data set 'none'"),
        (("rm", "none", "--yes"), 4, "There is no data set 'none'"),
        (("synth", "--clips", "0"), 2, "--clips"),
        (("synth", "--clips", "12"), 4, "too few"),
        (("fetch", "--url", "http://127.0.0.1:9/x.tar.gz", "--words", "a"), 2, "--words"),
        (("show",), 2, "NAME"),
    ],
)
def test_errors_say_what_and_where_on_stderr_alone(
    source: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], code: int,
    why: str,
) -> None:  # fmt: skip
    assert run_app(["data", *(a.format(source=source) for a in arguments)]) == code
    out, err = capsys.readouterr()
    assert out == ""
    assert why in err
    assert not list(paths.clips_dir().glob("*/meta.json"))


def test_a_taken_name_needs_replace(source: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_app(["data", "add", "mine", str(source)]) == 0
    assert run_app(["data", "add", "mine", str(source)]) == 4
    assert "--replace" in capsys.readouterr().err
    assert run_app(["data", "add", "mine", str(source), "--replace", "--words", "cat,bed"]) == 0
    capsys.readouterr()
    assert run_app(["data", "list", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["words"] == ["cat", "bed"]


def test_nothing_is_deleted_unasked(source: Path) -> None:
    assert typed("add", "mine", str(source)).returncode == 0
    refused = typed("rm", "mine", stdin="y\n")
    assert refused.returncode == 1
    assert "--yes" in refused.stderr
    assert (paths.clips_dir() / "mine").is_dir()


def test_a_set_that_runs_need_is_deleted_by_force_only(
    capsys: pytest.CaptureFixture[str],
) -> None:
    tiny.make_clips()
    live, waiting = record(state="running", clips="tones"), record(state="queued", clips="tones")
    record(state="finished", clips="tones")
    record(state="running", clips="others")
    assert run_app(["data", "rm", "tones", "--yes"]) == BusyError.exit_code
    told = f"tones is needed by {live.id}, {waiting.id}. Stop them, or add --force."
    assert capsys.readouterr().err == f"labbench: data rm: {told}\n"
    assert run_app(["data", "rm", "tones", "--yes", "--force"]) == 0
    assert not (paths.clips_dir() / "tones").exists()


@pytest.mark.parametrize("command", ["add", "synth"])
def test_a_set_that_runs_need_is_replaced_by_force_only(
    command: str, source: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tiny.make_clips()
    made = {
        "add": ["add", "tones", str(source)],
        "synth": ["synth", "--name", "tones", "--clips", "20", "--words", "a,b"],
    }[command]
    waiting = record(state="queued", clips="tones")
    record(state="finished", clips="tones")
    before = read_meta(paths.clips_dir() / "tones").fingerprint
    for more in ([], ["--detach"]):
        assert run_app(["data", *made, "--replace", *more]) == BusyError.exit_code
        told = f"tones is needed by {waiting.id}. Stop them, or add --force."
        assert capsys.readouterr().err == f"labbench: --replace: {told}\n"
    assert read_meta(paths.clips_dir() / "tones").fingerprint == before
    assert run_app(["data", *made, "--replace", "--force"]) == 0
    assert read_meta(paths.clips_dir() / "tones").fingerprint != before


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
@pytest.mark.parametrize(("answer", "kept"), [("n", True), ("y", False)])
def test_a_person_is_asked_before_deleting(source: Path, answer: str, kept: bool) -> None:
    import pty

    assert run_app(["data", "add", "mine", str(source)]) == 0
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "labbench", "data", "rm", "mine"]
    with subprocess.Popen(
        command, stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        os.write(ours, f"{answer}\n".encode())
        _, said = process.communicate(timeout=60)
    os.close(ours)
    os.close(theirs)
    assert "Delete mine?" in said
    assert (paths.clips_dir() / "mine").is_dir() == kept
    assert process.returncode == (1 if kept else 0)


def test_words_are_synthesised(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["synth", "--name", "said", "--clips", "40", "--words", "one, tree", "--seed", "3"]
    assert run_app(["data", *arguments]) == 0
    out, err = capsys.readouterr()
    assert out.startswith("said  SYNTHETIC speech")
    assert ["all", "32", "4", "4", "40"] in [line.split() for line in out.splitlines()]
    assert "40 clips, seed 3" in out
    assert "speaking: " in err


def test_an_empty_list_says_how_to_begin(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_app(["data", "list"]) == 0
    out, err = capsys.readouterr()
    assert out == ""
    assert "labbench data synth" in err


class Handler(BaseHTTPRequestHandler):
    """A server without the archive, and with another one at /other.tar.gz."""

    def log_message(self, *_: Any) -> None: ...

    def do_GET(self) -> None:
        if self.path != "/other.tar.gz":
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Length", "5")
        self.end_headers()
        self.wfile.write(b"other")


@pytest.fixture
def address() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.parametrize(
    ("file", "why"), [("none.tar.gz", "404"), ("other.tar.gz", "2,428,923,189 were expected")]
)
def test_what_is_not_the_archive_is_not_fetched(
    address: str, capsys: pytest.CaptureFixture[str], file: str, why: str
) -> None:
    assert run_app(["data", "fetch", "--url", f"{address}/{file}"]) == 4
    out, err = capsys.readouterr()
    assert out == ""
    assert why in err
    assert not list(paths.clips_dir().rglob("*.tar.gz"))


def test_the_archive_becomes_the_words_of_the_report(
    source: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The transfer itself is tested in tests/audio/test_fetch.py."""
    import tarfile

    from labbench.audio import fetch
    from labbench.presets import settings

    def arrive(remote: fetch.Remote, path: Path, **_: Any) -> None:
        assert remote == fetch.Remote()
        path.parent.mkdir(parents=True, exist_ok=True)
        with tarfile.open(path, "w:gz") as archive:
            archive.add(source, ".")

    monkeypatch.setattr(fetch, "fetch", arrive)
    monkeypatch.setattr("labbench.presets.WORDS", ("bed",))
    assert settings.WORDS != ("bed",)
    archive = paths.clips_dir() / ".fetched" / "speech_commands_v0.02.tar.gz"
    assert run_app(["data", "fetch"]) == 0
    assert not archive.exists()
    assert fetch.URL in "".join(capsys.readouterr().out.split())
    assert run_app(["data", "fetch"]) == 4
    assert run_app(["data", "fetch", "--replace", "--all-words", "--keep-archive"]) == 0
    assert archive.exists()
    capsys.readouterr()
    assert run_app(["data", "list", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [(one["name"], one["words"]) for one in found] == [("speech_commands", ["bed", "cat"])]


def test_check_tells_what_spoils_figures_wherever_the_set_is_shown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = tmp_path / "in"
    for seed in range(40):
        path = root / WORDS[seed % 2] / f"{seed}.wav"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(wave(voice(seed)))
    assert run_app(["data", "add", "well", str(root)]) == 0
    assert "not checked" not in capsys.readouterr().out
    assert run_app(["data", "check", "well"]) == 0
    assert capsys.readouterr().out == "well  no problems found\n"

    (root / "cat" / "twin.wav").write_bytes((root / "bed" / "2.wav").read_bytes())
    assert run_app(["data", "add", "mine", str(root)]) == 0
    line = "▲ 1 sound under two words (the same to the sample): bed/2.wav = cat/twin.wav"
    assert line in capsys.readouterr().out.splitlines()
    assert run_app(["data", "check", "mine", "--json"]) == 4
    document = json.loads(capsys.readouterr().out)
    assert document["data_set"] == "mine"
    assert document["findings"][0] == {
        "kind": "two_words", "level": "warning", "count": 1,
        "what": "1 sound under two words (the same to the sample)",
        "first": ["bed/2.wav = cat/twin.wav"],
    }  # fmt: skip
    assert document["unknown"] == []
    assert run_app(["doctor"]) in (0, 1)
    assert "▲ mine: 1 sound under two words" in capsys.readouterr().out

    (paths.clips_dir() / "mine" / "check.json").unlink()
    assert run_app(["data", "show", "mine"]) == 0
    assert "labbench data check mine" in capsys.readouterr().out
    assert run_app(["data", "check", "mine", "-f", "csv"]) == 4
    assert capsys.readouterr().out.startswith("kind,level,count,what,first\ntwo_words,warning,1,")
    assert run_app(["data", "show", "mine", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["check"]["findings"] == document["findings"]


def test_what_was_found_is_told_where_it_cannot_be_kept(
    capsys: pytest.CaptureFixture[str],
) -> None:
    folder = tiny.make_clips().folder
    (folder / "check.json").mkdir()
    assert run_app(["data", "check", "tones"]) == 0
    out, err = capsys.readouterr()
    assert out.startswith("tones  ")
    assert "is not kept" in err


def test_what_a_killed_command_left_half_made_goes_with_the_next_one_of_data(
    labbench_home: Path,
) -> None:
    left = paths.clips_dir() / ".killed.making-0123abcd"
    left.mkdir(parents=True)
    (left / "clips.npy").write_bytes(b"0" * 100)
    with building("mine"), contextlib.suppress(BusyError):
        assert run_app(["data", "list"]) == 0
        assert [name for name, _ in library.half_made()] == ["mine"]
        # A maker on a host that locks do not reach: its heart beats.
        other = paths.clips_dir() / ".far.making-0123abcd"
        other.mkdir()
        jobs.jobs_dir().mkdir()
        order, writer = jobs.Add(name="far", path="/x"), status.this_process()
        jobs.write(jobs.Job(order=order, state="working", created=time.time(), writer=writer))
        assert run_app(["data", "list"]) == 0
        assert other.exists()
        jobs.write(jobs.Job(order=order, state="working", created=0.0))
        assert run_app(["data", "list"]) == 0
        assert not other.exists()
        raise BusyError("enough")
    assert not list(paths.clips_dir().glob(".removing-*"))
