"""A layer's filters: what stands where, for filters whose frequencies are known."""

from __future__ import annotations

import csv
import io
import re

import numpy as np
import pytest

from labbench.draw.export import npz
from labbench.draw.palette import DARK
from labbench.errors import RunError
from labbench.interpret.filters import bank as drawing
from labbench.interpret.filters.answer import FilterBank, RunFilters
from labbench.interpret.filters.options import SORTS, FiltersOptions
from labbench.interpret.filters.picture import FiltersView
from tests.draw.drawing import Body, lines

HERTZ = (6_000, 1_000, 4_000, 2_000, 7_000, 3_000)


def tones(taps: int = 101, inputs: int = 1, norm: bool = False) -> FilterBank:
    """Windowed cosines of known frequencies, in no order, the louder the later."""
    time = (np.arange(taps) - taps // 2) / 16_000
    window = np.hanning(taps + 2)[1:-1]
    kernels = np.array(
        [[(o + 1) * (i + 1) * window * np.cos(2 * np.pi * f * time) for i in range(inputs)]
         for o, f in enumerate(HERTZ)]
    )  # fmt: skip
    factor = np.array([1.0, -2.0, 1, 1, 1, 1]) if norm else None
    return FilterBank("conv1", 16_000.0, kernels, np.zeros(len(HERTZ)), factor)


def of(run_id: str, bank: FilterBank, awake: list[float] | None = None) -> RunFilters:
    shares = None if awake is None else np.array(awake)
    return RunFilters(run_id, 7, "tanh", "he_normal", bank, shares)


def made(bank: FilterBank | None = None, **options: object) -> FiltersView:
    return FiltersView.of([of("0001-a", bank or tones())], FiltersOptions(**options))  # type: ignore[arg-type]


def both() -> FiltersView:
    return FiltersView.of([of("0001-a", tones()), of("0002-b", tones(taps=5))], FiltersOptions())


def listed(drawn: list[str]) -> list[int]:
    """The filters of the list, from above."""
    found = [re.match(r"\s*(?:▸ )?(\d+)\s+[\d,.·]+\s", line) for line in drawn]
    return [int(one.group(1)) for one in found if one]


@pytest.mark.parametrize("height", [5, 10, 14, 20, 38, 60])
@pytest.mark.parametrize("width", [24, 39, 60, 78, 138, 200])
@pytest.mark.parametrize("taps", [1, 4, 5, 192])
def test_fits(width: int, height: int, taps: int) -> None:
    one = made(tones(taps))
    two = FiltersView.of([of("0001-a", tones(taps)), of("0002-b", tones(5))], FiltersOptions())
    for view in (one, Body(one), two):
        drawn = lines(view, width, height)
        assert len(drawn) <= height
        assert max(map(len, drawn)) <= width


def test_the_list_is_in_order_and_marks_the_chosen() -> None:
    drawn = lines(made(), 100, 30)
    assert listed(drawn) == [1, 3, 5, 2, 0, 4]
    assert re.search(r"▸ 1\s+1,000", drawn[4])
    assert "conv1 · 6 filters of 101 taps, 16,000 Hz" in drawn[1]
    assert "by centre · best net, epoch 7" in drawn[2]
    assert "kernel of conv1:1" in drawn[3]


@pytest.mark.parametrize("sort", SORTS)
def test_every_order(sort: str) -> None:
    view = made(sort=sort)
    shown = listed(lines(view, 100, 30))
    assert shown == view.sides[0].responses.order(sort).tolist()  # type: ignore[arg-type]
    assert view.channel == shown[0]
    assert made(sort=sort, channel=2).channel == 2


def test_a_long_list_keeps_the_chosen_in_view() -> None:
    view = made(sort="index")
    assert listed(lines(view, 100, 8))[0] == 0
    assert 5 in listed(lines(view.moved(5), 100, 8))
    assert view.moved(99).channel == 5
    assert view.moved(-3).channel == 0


def test_the_map_rises_with_the_centre_frequency() -> None:
    side = made().sides[0]
    shares = drawing.shares(side, 32, 12, drawing.scale([side]))
    brightest = 31 - shares.argmax(axis=0)  # rows from the lowest frequency
    expected = [int(f / 8000 * 32) for f in sorted(HERTZ) for _ in range(2)]
    assert np.abs(brightest - expected).max() <= 1
    assert shares.max() == pytest.approx(1.0, abs=0.01)


def test_more_filters_than_cells_share_them() -> None:
    side = made().sides[0]
    shares = drawing.shares(side, 8, 3, drawing.scale([side]))
    alone = drawing.shares(side, 8, 6, drawing.scale([side]))
    assert np.allclose(shares, np.maximum(np.maximum(alone[:, ::2], alone[:, 1::2]), 0))


def test_two_runs_share_one_scale() -> None:
    view = both()
    drawn = "\n".join(lines(view, 140, 40))
    assert "0001-a" in drawn
    assert "0002-b" in drawn
    bright = re.findall(r"([+-]\d+) [ ░▒▓█]+ ([+-]\d+) dB", drawn)
    assert len(set(bright)) == 1
    assert len(bright) == 2


def test_the_colours_span_what_there_is() -> None:
    """30 dB of filters with deep notches, 6 of those that are flat."""
    deep, flat = made().sides[0], made(FilterBank("conv1", 1.0, np.ones((1, 1, 1)), np.zeros(1)))
    low, high = drawing.scale([deep])
    assert high == pytest.approx(deep.responses.gain_db.max())
    assert low == pytest.approx(high - 30)
    assert drawing.scale(flat.sides) == (-6.0, 0.0)
    two_taps = FilterBank("conv1", 1.0, np.array([[[1.0, 0.5]]]), np.zeros(1))
    low, high = drawing.scale(made(two_taps).sides)
    assert high == pytest.approx(20 * np.log10(1.5))
    assert low == pytest.approx(20 * np.log10(0.5), abs=0.1)  # at half the rate


def test_what_is_under_the_mouse() -> None:
    view = made(sort="index")
    drawn = lines(Body(view), 100, 30)
    for place in range(6):
        row = next(y for y, line in enumerate(drawn) if listed([line]) == [place])
        assert view.place_at(5, row, 100, 30) == place
    assert view.place_at(5, 0, 100, 30) is None  # the titles
    assert view.place_at(60, 6, 100, 30) is None  # the kernel
    assert view.place_at(99, 28, 100, 30) == 5  # the map
    assert view.place_at(2, 28, 100, 30) is None  # its frequencies
    assert both().place_at(139, 38, 140, 40) == 5


def test_the_marker_stands_under_the_chosen_filter() -> None:
    for place in range(6):
        drawn = lines(Body(made().moved(place)), 100, 30)
        assert made().place_at(drawn[-1].index("▲"), 29, 100, 30) == place


def test_norm_over_inputs_and_one_of_them() -> None:
    bank = tones(inputs=3)
    whole = "\n".join(lines(made(bank), 100, 30))
    assert "6 filters of 3 x 101 taps" in whole
    assert "norm over inputs" in whole
    assert ", input 2 (strongest)" in whole
    one = made(bank, input="0")
    assert "input channel 0" in "\n".join(lines(one, 100, 30))
    gains = one.sides[0].responses.gain_db
    np.testing.assert_allclose(made(bank).sides[0].responses.gain_db - gains, 10 * np.log10(14))
    with pytest.raises(RunError, match="no input channel 3"):
        made(bank, input="3")


def test_batch_norm_is_said() -> None:
    plain, folded = made(tones(norm=True)), made(tones(norm=True), folded=True)
    assert "batch norm not folded in" in plain.heading(DARK).plain
    assert "batch norm folded in" in folded.heading(DARK).plain
    assert "batch norm" not in made().heading(DARK).plain
    more = folded.sides[0].responses.gain_db - plain.sides[0].responses.gain_db
    np.testing.assert_allclose(more, [0, 20 * np.log10(2), 0, 0, 0, 0], atol=1e-9)
    with pytest.raises(RunError, match="no batch norm"):
        made(folded=True)


def test_the_share_of_clips_that_wake_a_filter_where_it_is_known() -> None:
    awake = [0.0, 1.0, 0.5, 0.25, 0.126, 1.0]
    view = FiltersView.of([of("0001-a", tones(), awake)], FiltersOptions())
    drawn = lines(view, 140, 30)
    assert [re.findall(r"(\d+)%", line)[0] for line in drawn[4:10]] == [
        "100",
        "25",
        "100",
        "50",
        "0",
        "13",
    ]
    assert view.as_json()["filters"][1]["awake"] == 0.25
    assert "wakes" not in "\n".join(lines(made(), 140, 30))
    assert made().as_json()["filters"][1]["awake"] is None


def test_runs_say_how_they_were_made() -> None:
    assert lines(both(), 140, 30)[0].count("tanh, he_normal") == 2


def test_kernels_of_zeros_are_told_of() -> None:
    bank = FilterBank("conv1", 16_000.0, np.zeros((2, 1, 5)), np.zeros(2))
    drawn = "\n".join(lines(made(bank), 100, 30))
    assert "nothing comes through" in drawn
    assert made(bank).as_csv().splitlines()[1] == "0001-a,conv1,0,,,,0,"


def test_json_csv_and_arrays_hold_the_figures() -> None:
    view = made()
    document = view.as_json()
    assert [one["filter"] for one in document["filters"]] == [1, 3, 5, 2, 0, 4]
    first = document["filters"][0]
    assert first["centre_hz"] == pytest.approx(1_000, abs=8)
    assert first["kernel"] == tones().kernels_OIK[1, 0].tolist()
    at = int(np.argmax(first["response_db"]))
    assert document["frequencies_hz"][at] == first["centre_hz"]
    rows = list(csv.DictReader(view.as_csv().splitlines()))
    assert [row["filter"] for row in rows] == ["1", "3", "5", "2", "0", "4"]
    assert float(rows[0]["gain_db"]) == pytest.approx(first["gain_db"])
    assert len(both().as_json()["runs"]) == 2
    with np.load(io.BytesIO(npz(both()))) as arrays:
        np.testing.assert_array_equal(arrays["kernels"], tones().kernels_OIK)
        assert arrays["against_kernels"].shape == (6, 1, 5)
        assert arrays["magnitude"].shape == (6, len(arrays["frequencies_hz"]))
        assert arrays["order"].tolist() == [1, 3, 5, 2, 0, 4]


def test_refuses_a_filter_that_is_not_there() -> None:
    with pytest.raises(RunError, match=r"no filter 6.*0 to 5"):
        made(channel=6)


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0, "0"), (3.914, "3.91"), (62.5, "62.5"), (812.4, "812"), (5_333.3, "5,333"),
     (float("nan"), "·")],
)  # fmt: skip
def test_hertz(value: float, text: str) -> None:
    assert drawing.hertz(value) == text


def test_bars_reach_their_taps_on_their_side() -> None:
    drawn = drawing.bars(np.array([1.0, -1.0, 0.5, 0.0]), 40, 4)
    assert [len(line) for line in drawn] == [40] * 4
    assert drawn[0][:9].strip() == "█" * 9  # up to the top
    assert drawn[3][10:19].strip() == "█" * 9  # down to the bottom
    assert not drawn[3][:10].strip()
    assert not drawn[0][20:].strip()  # half as high
    assert all(line[9] == " " for line in drawn)  # bars stand apart


def test_more_taps_than_cells_keep_their_extremes() -> None:
    taps = np.zeros(400)
    taps[37], taps[250] = 1.0, -1.0
    drawn = drawing.bars(taps, 40, 4)
    assert drawn[0].index("█" if "█" in drawn[0] else "▀") == 3
    assert drawn[3].strip() in ("█", "▄")
    assert len(drawing.tiny(taps, 8)) == 8
