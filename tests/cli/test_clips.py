"""`labbench data clips`, `clip`, and `list` with a damaged set, as typed."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import numpy as np
import pytest

from labbench.cli.app import run_app
from tests.tiny import make_clips


def shown(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """What goes to stdout; nothing must go to stderr."""
    assert run_app(["data", *arguments]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    return out


def test_clips_are_narrowed_by_word_and_split(capsys: pytest.CaptureFixture[str]) -> None:
    make_clips()
    narrow = ("--word", "low", "--word", "high", "--split", "test")
    rows = list(csv.DictReader(io.StringIO(shown(capsys, "clips", "tones", *narrow, "-f", "csv"))))
    assert len(rows) == 10
    assert {row["word"] for row in rows} == {"low", "high"}
    assert {row["split"] for row in rows} == {"test"}
    assert shown(capsys, "clips", "tones").endswith("and 13 more\n")
    assert len(shown(capsys, "clips", "tones", "--limit", "0").splitlines()) == 65
    assert len(json.loads(shown(capsys, "clips", "tones", "-f", "json"))["clips"]) == 63
    held = json.loads(shown(capsys, "clips", "tones", "--match", "W/TEST1", "-f", "json"))["clips"]
    assert [clip["name"] for clip in held] == ["low/test12.wav"]


@pytest.mark.parametrize("form", ["ansi", "json", "csv", "svg"])
@pytest.mark.parametrize("what", ["show", "clips", "clip"])
def test_every_view_in_every_format(
    capsys: pytest.CaptureFixture[str], what: str, form: str
) -> None:
    make_clips()
    which = ("low/test0.wav",) if what == "clip" else ()
    text = shown(capsys, what, "tones", *which, "--format", form)
    assert text.endswith("\n")
    if form == "json":
        assert json.loads(text)
    elif form == "csv":
        assert len({len(row) for row in csv.reader(io.StringIO(text))}) == 1
    elif form == "svg":
        assert text.startswith("<svg")
    else:
        assert "\x1b" not in text


def test_a_clip_is_drawn_as_asked(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    make_clips()
    asked = ("--scale", "mel", "--range-db", "60", "--window", "256", "--stride", "64")
    text = shown(capsys, "clip", "tones", "test0", *asked, "--width", "100")
    assert "mel scale · 60 dB · window 256 (16 ms) every 64 (4 ms)" in text
    assert "low · test · speaker test-speaker" in text
    document = json.loads(shown(capsys, "clip", "tones", "test0", *asked, "-f", "json"))
    assert document["spectrogram"]["window"] == 256
    assert document["row"] == 48
    out = tmp_path / "clip.npz"
    assert shown(capsys, "clip", "tones", "test0", *asked, "-f", "npz", "-o", str(out)) == ""
    arrays = np.load(out)
    assert arrays["decibels"].shape == (len(arrays["frequencies_hz"]), len(arrays["times_s"]))
    assert arrays["samples"].tolist() == document["waveform"]["samples"]
    out = tmp_path / "clip.svg"
    assert shown(capsys, "clip", "tones", "48", "-f", "svg", "-o", str(out)) == ""
    assert "low/test0.wav" in out.read_text().replace("&#160;", " ")


@pytest.mark.parametrize(
    ("arguments", "code", "why"),
    [
        (("clips", "none"), 4, "no data set 'none'"),
        (("clips", "tones", "--word", "lov"), 4, "Did you mean 'low'?"),
        (("clips", "tones", "--split", "all"), 2, "--split"),
        (("clip", "tones", "none"), 4, "There is no clip 'none'"),
        (("clip", "tones", "0", "--scale", "bark"), 2, "--scale"),
        (("clip", "tones", "0", "--window", "1"), 2, "--window"),
    ],
)
def test_errors(
    capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], code: int, why: str
) -> None:
    make_clips()
    assert run_app(["data", *arguments]) == code
    out, err = capsys.readouterr()
    assert out == ""
    assert why in err


def test_a_damaged_set_is_told_and_listed(capsys: pytest.CaptureFixture[str]) -> None:
    (make_clips("bad").folder / "meta.json").write_text("{")
    make_clips("good")
    assert run_app(["data", "list", "--json"]) == 0
    out, err = capsys.readouterr()
    assert [one["name"] for one in json.loads(out)] == ["bad", "good"]
    assert "data set bad is damaged: " in err
    assert run_app(["data", "show", "bad"]) == 4
    assert "--replace" in capsys.readouterr().err
    assert run_app(["data", "rm", "bad", "--yes"]) == 0


def test_a_detached_job_is_told_and_cancelled(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process itself is tested in tests/audio/test_jobs.py."""
    from labbench.audio import jobs, maker
    from labbench.runs.status import this_process

    def start(order: jobs.Order) -> None:
        jobs.jobs_dir().mkdir(parents=True, exist_ok=True)
        jobs.write(
            jobs.Job(order=order, state="working", created=0, writer=this_process(),
                     what="fetching", done=826_000_000, total=2_428_923_189)
        )  # fmt: skip

    monkeypatch.setattr(maker, "start", start)
    assert run_app(["data", "fetch", "--detach"]) == 0
    assert "labbench data cancel speech_commands" in capsys.readouterr().err
    assert run_app(["data", "list"]) == 0
    out, err = capsys.readouterr()
    assert (out, err) == ("", "speech_commands: fetching 34% (826 MB of 2.43 GB)\n")
    assert run_app(["data", "cancel", "speech_commands"]) == 0
    assert jobs.cancelling("speech_commands")
    capsys.readouterr()
    assert run_app(["data", "cancel", "tones"]) == 4
    assert "No data set 'tones' is being made" in capsys.readouterr().err


def test_what_a_job_left_is_removed(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert run_app(["data", "add", "mine", str(tmp_path / "empty")]) == 4
    capsys.readouterr()
    assert run_app(["data", "list"]) == 0
    assert "mine: failed: " in capsys.readouterr().err
    assert run_app(["data", "rm", "mine", "--yes"]) == 0
    capsys.readouterr()
    assert run_app(["data", "list"]) == 0
    assert "There are no data sets yet" in capsys.readouterr().err
