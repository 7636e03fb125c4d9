"""`labbench show`, as typed."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from labbench.cli.app import run_app
from labbench.draw.raster import CELL_WIDTH, MARGIN
from tests.recorded import record
from tests.tui.heard import hear


def shown(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """What goes to stdout; nothing must go to stderr."""
    assert run_app(["show", *arguments]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    return out


def refused(capsys: pytest.CaptureFixture[str], code: int, *arguments: str) -> str:
    """What goes to stderr; nothing must go to stdout."""
    assert run_app(["show", *arguments]) == code
    out, err = capsys.readouterr()
    assert out == ""
    return err


@pytest.mark.parametrize("name", ["1", "0001-custom-ch32", "last"])
def test_summary_by_default(capsys: pytest.CaptureFixture[str], name: str) -> None:
    record()
    assert "test accuracy    0.9533" in shown(capsys, name)


def test_by_path(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    run = record(tmp_path / "elsewhere")
    assert "0.9533" in shown(capsys, str(run.path), "classes")


@pytest.mark.parametrize("view", ["summary", "classes", "confusion", "curves", "cell tree three"]
)  # fmt: skip
@pytest.mark.parametrize("form", ["ansi", "json", "csv", "svg"])
def test_every_view_in_every_format(
    capsys: pytest.CaptureFixture[str], view: str, form: str
) -> None:
    record()
    text = shown(capsys, "1", *view.split(), "--format", form)
    assert text.endswith("\n")
    if form == "json":
        json.loads(text)
    elif form == "csv":
        assert len({len(row) for row in csv.reader(io.StringIO(text))}) == 1
    elif form == "svg":
        assert text.startswith("<svg")
    else:
        assert "\x1b" not in text


@pytest.mark.parametrize("view", ["summary", "classes", "confusion", "curves"])
def test_every_view_as_arrays_and_as_a_picture(
    capsysbinary: pytest.CaptureFixture[bytes], view: str
) -> None:
    record()
    assert run_app(["show", "1", view, "--format", "npz"]) == 0
    arrays = np.load(io.BytesIO(capsysbinary.readouterr().out), allow_pickle=False)
    assert arrays.files
    assert run_app(["show", "1", view, "--format", "png", "--width", "80"]) == 0
    image = Image.open(io.BytesIO(capsysbinary.readouterr().out))
    assert image.format == "PNG"
    assert image.width == 80 * CELL_WIDTH + 2 * MARGIN


def test_arrays_hold_the_figures(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    record()
    target = tmp_path / "classes.npz"
    assert shown(capsys, "1", "classes", "-f", "npz", "-o", str(target)) == ""
    arrays = np.load(target)
    text = shown(capsys, "1", "classes", "-f", "csv")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert list(arrays["class"]) == [row["class"] for row in rows]
    assert arrays["recall"] == pytest.approx([float(row["recall"]) for row in rows])


def test_a_picture_is_not_for_a_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    record()
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    assert "-o confusion.png" in refused(capsys, 1, "1", "confusion", "-f", "png")


def test_options_before_a_view_are_the_summarys(capsys: pytest.CaptureFixture[str]) -> None:
    record()
    assert json.loads(shown(capsys, "1", "--format", "json"))
    assert shown(capsys, "1", "--json") == shown(capsys, "1", "-f", "json")


def test_options_reach_the_view(capsys: pytest.CaptureFixture[str]) -> None:
    record()
    document = json.loads(
        shown(capsys, "1", "classes", "--format", "json", "--order", "recall",
              "--split", "validation")
    )  # fmt: skip
    assert document["split"] == "validation"
    assert document["classes"][0]["class"] == "tree"
    assert "percent of row" in shown(capsys, "1", "confusion", "--percent")
    document = json.loads(shown(capsys, "1", "confusion", "--order", "confusion", "-f", "json"))
    assert set(document["words"][:2]) == {"tree", "three"}
    assert "loss by minutes" not in shown(capsys, "1", "curves", "--by", "time")
    assert "by epoch" in shown(capsys, "1", "curves", "--by", "epoch", "--smooth", "0.5", "--log")


def test_width_and_colour(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    record()
    text = shown(capsys, "1", "confusion", "--width", "60")
    assert max(map(len, text.splitlines())) <= 60
    assert "\x1b[" in shown(capsys, "1", "confusion", "--color")


def test_to_a_file(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    record()
    target = tmp_path / "matrix.svg"
    assert shown(capsys, "1", "confusion", "-f", "svg", "-o", str(target)) == ""
    assert target.read_text().startswith("<svg")


def test_a_live_run_says_that_it_still_trains(capsys: pytest.CaptureFixture[str]) -> None:
    record(state="running", epochs=5)
    assert "validation, epoch 5, still training" in shown(capsys, "last", "confusion")


def test_no_results_yet(capsys: pytest.CaptureFixture[str]) -> None:
    record(state="queued", epochs=0)
    err = refused(capsys, 5, "1", "confusion")
    assert "there are no results yet: it is queued" in err
    assert "No step yet" in shown(capsys, "1", "curves")


def test_no_such_run(capsys: pytest.CaptureFixture[str]) -> None:
    assert "there is no run '7'" in refused(capsys, 5, "7")


@pytest.mark.parametrize(
    "arguments",
    [
        ("1", "pie"),
        ("1", "classes", "--order", "confusion"),
        ("1", "curves", "--smooth", "1"),
        ("1", "summary", "--order", "name"),
        ("1", "summary", "--format", "gif"),
    ],
)
def test_wrong_usage(capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...]) -> None:
    record()
    assert refused(capsys, 2, *arguments)


def test_a_part_of_the_curves(capsys: pytest.CaptureFixture[str]) -> None:
    record()
    whole = shown(capsys, "1", "curves", "--by", "epoch")
    assert shown(capsys, "1", "curves", "--by", "epoch", "--from", "0", "--to", "99") == whole
    part = shown(capsys, "1", "curves", "--by", "epoch", "--from", "4", "--to", "8", "--at", "5")
    assert part.splitlines()[2].startswith("step 50: train loss ")
    axis = part.splitlines()[-1].split()
    assert (axis[0], axis[-1]) == ("4", "8")
    by_time = shown(capsys, "1", "curves", "--by", "time", "--from", "60", "--to", "120")
    assert by_time.splitlines()[-1].split()[0] == "60"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--from", "80", "--to", "40"), "nothing is drawn from 80 to 40: the curves end at 120."),
        (("--from", "120"), "nothing is drawn from 120 to its end: the curves end at 120."),
        (("--at", "121"), "there are no values at 121: the curves end at 120."),
    ],
)
def test_a_part_that_is_not_there(
    capsys: pytest.CaptureFixture[str], options: tuple[str, ...], said: str
) -> None:
    record()
    assert said in refused(capsys, 1, "1", "curves", *options)


def test_a_run_without_steps_has_no_parts(capsys: pytest.CaptureFixture[str]) -> None:
    record(state="queued", epochs=0)
    assert "No step yet" in shown(capsys, "1", "curves", "--from", "3", "--at", "4")


def test_clips_of_a_cell(capsys: pytest.CaptureFixture[str]) -> None:
    record()
    found = json.loads(shown(capsys, "1", "cell", "tree", "three", "--json"))
    assert (found["actual"], found["predicted"], found["split"]) == ("tree", "three", "test")
    assert len(found["clips"]) == 15
    said = refused(capsys, 5, "1", "cell", "tree", "thre")
    assert "knows no word 'thre'. Did you mean 'three'?" in said


def test_loads_no_torch() -> None:
    record()
    code = (
        "import sys; from labbench.cli.app import run_app;"
        "assert run_app(['show', '1', 'confusion']) == 0;"
        "assert run_app(['show', '1', 'curves']) == 0;"
        "assert 'torch' not in sys.modules and 'textual' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.DEVNULL)


def test_a_clip_that_was_judged(capsys: pytest.CaptureFixture[str]) -> None:
    hear(record())
    cell = json.loads(shown(capsys, "1", "cell", "low", "middle", "--json"))
    worst = cell["clips"][0]
    text = shown(capsys, "1", "clip", worst["name"], "--scale", "mel")
    assert f"predicted middle {worst['probability_predicted']:.4f}" in text
    assert f"actual low {worst['probability_actual']:.4f}" in text
    found = json.loads(shown(capsys, "1", "clip", worst["name"], "--json"))
    assert found["row"] == worst["row"]
    assert len(found["waveform"]["samples"]) == 16_000
    assert "was not evaluated on a clip 'x'" in refused(capsys, 5, "1", "clip", "x")
