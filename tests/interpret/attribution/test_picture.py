"""Evidence on one time axis with the sound."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

import numpy as np
import pytest

from labbench.draw.export import export
from labbench.draw.spectrogram import GUTTER
from labbench.interpret.attribution.answer import METHODS, Evidence, Method
from labbench.interpret.attribution.options import AttributionOptions
from labbench.interpret.attribution.picture import EvidenceView
from labbench.interpret.clip import ClipRef
from tests.draw.drawing import Body, lines

TIME = np.arange(16_000) / 16_000
CLIP = (0.5 * np.sin(2 * np.pi * 1000 * TIME) * np.exp(-(((TIME - 0.5) / 0.1) ** 2))).astype(
    np.float32
)
WORDS = ("tree", "three", "zero")


def made(method: Method) -> Evidence:
    """For the class between 0.5 and 0.75 s, against it between 0.25 and 0.5 s."""
    values = np.array([0, -1, 2, 0.0])
    if method in ("ig", "occlusion"):
        values = np.repeat(values / (4000 if method == "ig" else 1), 4000)
    few = method in ("grad-cam", "cam")
    return Evidence(
        clip=ClipRef(name="tree/a.wav", row=1, digest="", word="tree"), method=method, word="tree",
        layer="conv4" if method == "grad-cam" else "", samples_T=CLIP,
        values_M=np.maximum(values, 0) if method == "grad-cam" else values,
        rate_hz=4.0 if few else 16_000.0, start_s=0.125 if few else 0.0, words=WORDS,
        logits_K=np.array([1.5, 0.5, -2], np.float32),
        baseline=0.5 if method in ("ig", "occlusion") else None,
        offset=0.5 if method == "cam" else 0.0, steps=64 if method == "ig" else 0,
        window_ms=50.0, stride_ms=12.5,
    )  # fmt: skip


def view(*methods: Method, cursor_s: float | None = None) -> EvidenceView:
    found = tuple(made(method) for method in methods or METHODS)
    return EvidenceView("0001-custom-ch32", False, AttributionOptions(at=cursor_s), 12, found)


@pytest.mark.parametrize("methods", [METHODS, ("cam",)], ids=["all", "one"])
@pytest.mark.parametrize(("width", "height"), [(40, 14), (78, 20), (138, 40)])
def test_fits(methods: tuple[Method, ...], width: int, height: int) -> None:
    for cursor_s in (None, 1.0):
        one = view(*methods, cursor_s=cursor_s)
        for each in (one, Body(one)):
            drawn = lines(each, width, height)
            assert len(drawn) <= height
            assert max(map(len, drawn)) <= width


@pytest.mark.parametrize("method", METHODS)
def test_bars_stand_where_the_evidence_is(method: Method) -> None:
    drawn = lines(view(method), 46, None)
    strip = [line[GUTTER:].ljust(40) for line in drawn[3 + 4 + 8 : 3 + 4 + 8 + 6]]
    # Columns of 25 ms: the third quarter speaks for the class, the second against it.
    assert [line[21] in "█▄" for line in strip][:3] == [True] * 3
    assert strip[0][12] == " "
    assert (strip[-1][12] == "█") == (method != "grad-cam")


def test_it_is_said_what_adds_up() -> None:
    text = "\n".join(lines(view(), 110, None))
    assert "tree/a.wav  ✔ tree 0.7153" in text
    assert "evidence for tree: logit +1.5 · tree 0.7153, three 0.2631, zero 0.0216" in text
    assert "class activation map: sum +1 ✔ +1 = logit +1.5 less bias +0.5" in text
    assert "integrated gradients: sum +1 ✔ +1 = logit +1.5 less silence +0.5" in text
    assert "windows of 50 ms every 12.5 ms set to silence" in text
    assert "Grad-CAM at conv4" in text
    wrong = replace(view("ig"), found=(replace(made("ig"), baseline=0.0),))
    assert "sum +1 ✖ +1.5 = logit +1.5 less silence +0" in "\n".join(lines(wrong, 100, None))


def test_the_cursor_tells_its_values() -> None:
    text = lines(view(cursor_s=0.625), 120, None)[-1]
    sample = CLIP[10_000]
    assert text.startswith(f"0.625 s · sound {sample:+.3f} · grad-cam 2.00 · cam 2.00 · ig 5e-4")
    assert text.endswith("occlusion 2.00 · loudest at 1,000 Hz")
    assert sum("│" in line for line in lines(view("cam", cursor_s=0.5), 80, 20)) > 8


def test_a_time_is_found_where_it_is_drawn() -> None:
    one = view("cam")
    assert one.time_at(GUTTER - 1, 46) is None
    assert one.time_at(46, 46) is None
    assert one.time_at(GUTTER, 46) == pytest.approx(0.0125)
    marked = one.having(one.options.having(at=one.time_at(GUTTER + 17, 46)))
    assert lines(Body(marked), 46, 20)[3][GUTTER + 17] == "│"


def test_formats() -> None:
    one = replace(view(), cannot=("has none",))
    document = one.as_json()
    assert (document["class"], document["score"], document["baseline"]) == (
        "tree", "logit", "silence"
    )  # fmt: skip
    by_method = {each["method"]: each for each in document["evidence"]}
    assert by_method["ig"]["error"] == pytest.approx(0)
    assert by_method["ig"]["logit_of_silence"] == 0.5
    assert by_method["cam"]["bias"] == 0.5
    assert by_method["grad-cam"]["layer"] == "conv4"
    assert by_method["occlusion"]["window_ms"] == 50
    assert document["cannot"] == ["has none"]
    assert "has none" in lines(one, 80, None)[-1]
    header, *rows = csv.reader(io.StringIO(view("cam").as_csv()))
    assert header == ["method", "layer", "seconds", "value"]
    assert rows[2] == ["cam", "", "0.625", "2.0"]
    with np.load(io.BytesIO(export(one, "npz"))) as arrays:
        assert arrays["ig"].shape == (16_000,)
        assert arrays["cam.times_s"].tolist() == [0.125, 0.375, 0.625, 0.875]
    assert export(one, "png", width=80, height=24).startswith(b"\x89PNG")
