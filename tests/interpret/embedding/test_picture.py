"""A map of clips: letters, what stands for a cell, the cursor, and all forms."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from labbench.draw.export import View, export, json_text
from labbench.interpret.embedding.answer import Embedding
from labbench.interpret.embedding.options import EmbeddingOptions
from labbench.interpret.embedding.picture import ScatterView, signs
from tests.draw.drawing import Body, lines, plain, segments
from tests.recorded import report_matrix

WORDS = ("three", "tree", "two")


def embedding(xy: list[tuple[float, float]], labels: list[int], guesses: list[int]) -> Embedding:
    """Clips at these places; the surer the later they come."""
    logits = np.zeros((len(xy), 3), np.float32)
    logits[np.arange(len(xy)), guesses] = np.arange(len(xy)) + 1
    names = tuple(f"{WORDS[label]}/{index}.wav" for index, label in enumerate(labels))
    return Embedding(
        "flatten", "", "pca", np.array(xy, np.float32), np.arange(len(xy)) + 100,
        np.array(labels), logits, names, WORDS, 900, 448, (0.5, 0.25), 2, None, None,
    )  # fmt: skip


CORNERS = embedding(
    [(0, 0), (10, 10), (10, 0), (0, 10), (10, 10)], [0, 1, 2, 0, 1], [0, 1, 2, 2, 0]
)


def view(**how: object) -> ScatterView:
    options = EmbeddingOptions(word=str(how.pop("word", "")))
    return ScatterView("0001-run", False, options, CORNERS, **how)  # type: ignore[arg-type]


def test_letters_are_of_the_word_and_differ() -> None:
    assert signs(WORDS) == ("t", "r", "w")
    words = tuple(f"{number}" for number in range(60))
    found = signs(words)
    assert len(set(found[:49])) == 49
    assert found[59] == "·"
    words, _ = report_matrix()
    assert len({*signs(words)}) == 16


def test_clips_are_where_they_lie_and_wrong_ones_are_upper_case() -> None:
    text = lines(view(), 40, 12)
    assert text[0] == "0001-run  flattened features  5 of 900 …"
    assert text[1].startswith("PCA: x holds 50.0% of the variance, y 2")
    rows = text[2:-1]
    assert len(rows) == 9
    # Top left is wrong; two clips of tree lie top right, one of them wrong.
    assert (rows[0][0], rows[0][39]) == ("T", "R")
    assert (rows[-1][0], rows[-1][39]) == ("t", "w")
    assert text[-1] == "t three  r tree  w two  A wrong"


def test_a_word_stands_out() -> None:
    styles = {one.text: str(one.style) for one in segments(view(word="two"), 60)
              if one.text.strip() in ("t", "T", "R", "w")}  # fmt: skip
    assert "#d787d7" in styles["w"]
    assert all("#8a8a8a" in style for sign, style in styles.items() if sign != "w")
    assert "underline" in {one.text: str(one.style) for one in segments(view(), 60)}["R"]


def test_the_cursor_names_the_clip_under_it_or_the_nearest() -> None:
    at = view().moved_to(0, 0, 40, 14)
    assert at.cursor == (0.5, 0.5)
    assert "+" in plain(at, 40, 14)
    right = at.moved_to(15, -5, 40, 14)
    text = lines(right, 60, 14)[-2:]
    assert text[0] == "tree/4.wav  1 of 2 nearest"
    assert text[1].startswith("tree 0.0066, taken for three 0.9867")
    corner = right.moved_to(99, -99, 40, 14)
    assert corner.chosen(40, 14) == 4
    assert lines(corner, 40, 14)[-2] == "tree/4.wav  1 of 2 here"
    second = replace(corner, turn=1)
    assert second.chosen(40, 14) == 1
    assert lines(second, 40, 14)[-2:] == ["tree/1.wav  2 of 2 here",
                                          "tree 0.7870, which is right"]  # fmt: skip
    assert corner.moved_to(-1, 0, 40, 14).turn == 0


def test_from_mistake_to_mistake_the_surest_first() -> None:
    first = view().next_wrong(40, 14)
    assert first.chosen(40, 14) == 4
    second = first.next_wrong(40, 14)
    assert second.chosen(40, 14) == 3
    assert second.next_wrong(40, 14).chosen(40, 14) == 4
    right = ScatterView(
        "0001-run", False, EmbeddingOptions(), embedding([(0, 0), (1, 1)], [0, 1], [0, 1])
    )
    assert right.next_wrong(40, 14) is right


@pytest.mark.parametrize("width", [20, 40, 80, 99, 100, 140])
@pytest.mark.parametrize("height", [10, 24, 45])
@pytest.mark.parametrize("of", [lambda view: view, Body], ids=["headed", "body"])
def test_it_fits(width: int, height: int, of: Callable[[ScatterView], View]) -> None:
    text = lines(of(view(cursor=(0.2, 0.4))), width, height)
    assert max(map(len, text)) <= width
    assert len(text) <= max(height, 14)


def test_all_in_one_place() -> None:
    one = ScatterView(
        "0001-run",
        False,
        EmbeddingOptions(),
        embedding([(3, 3), (3, 3)], [0, 1], [0, 0]),
        (0.5, 0.5),
    )
    assert one.chosen(40, 14) == 1


def test_forms() -> None:
    one = view()
    document = json.loads(json_text(one.as_json()))
    assert document["explained"] == [0.5, 0.25]
    assert document["clips"][3] == {
        "name": "three/3.wav", "row": 103, "actual": "three", "predicted": "two",
        "probability": pytest.approx(0.9647, abs=1e-4), "x": 0.0, "y": 10.0,
    }  # fmt: skip
    assert one.as_csv().splitlines()[1].startswith("three/0.wav,100,three,three,0.576")
    assert one.as_arrays()["xy"].shape == (5, 2)
    assert export(one, "svg").startswith(b"<svg")


@pytest.mark.parametrize(("method", "shares"), [("pca", 1), ("pca", 3), ("tsne", 0), ("tsne", 2)])
def test_a_kept_map_with_other_shares_than_its_method_has_is_refused(
    method: str, shares: int
) -> None:
    about = {"method": method, "perplexity": 5.0, "divergence": 1.0}
    found = replace(CORNERS, explained=(0.1,) * shares, **about)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="shares"):
        found.check()
