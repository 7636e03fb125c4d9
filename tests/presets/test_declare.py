"""TOML to Preset and back, every refusal, and `--set`."""

from __future__ import annotations

import math
import tomllib
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labbench.architecture import ACTIVATIONS, FAMILIES, INITIALIZERS, Model
from labbench.errors import PresetError
from labbench.presets import (
    WORDS,
    Augmentation,
    Data,
    Optimizer,
    Preset,
    Published,
    Schedule,
    Training,
    edited,
    from_tree,
    load_file,
    resolved,
    to_toml,
    to_tree,
)

REPORTED = Preset(
    name="summary/custom-ch32/do",
    published=Published(table="summary", row="custom-ch32", column="do"),
    model=Model(channels=32, dropout=0.75),
)


def numbers(low: float, high: float, **more: Any) -> st.SearchStrategy[float]:
    return st.floats(low, high, allow_nan=False, **more)


MODELS = st.one_of(
    st.builds(
        Model,
        family=st.just(family),
        convs=st.sampled_from([None, *range(2, deepest + 1, 2)]),
        channels=st.none() | st.integers(1, 4096),
        kernel=st.none() | st.integers(1, 25),
        activation=st.sampled_from(ACTIVATIONS),
        initializer=st.sampled_from(INITIALIZERS),
        dropout=numbers(0, 1, exclude_max=True),
        batch_norm=st.booleans(),
    )
    for family, deepest in {"custom": 9, "vgg": 18, "large": 9, "base": 5}.items()
)
WORD = st.text(st.characters(codec="utf-8", exclude_characters="/\\"), min_size=1).filter(
    lambda word: not any(c.isspace() or c in "\x1c\x1d\x1e\x1f\x85" for c in word)
)
PRESETS = st.builds(
    Preset,
    name=st.text(),
    about=st.text(),
    published=st.none() | st.builds(Published, table=st.text(), row=st.text(), column=st.text()),
    model=MODELS,
    data=st.builds(
        Data,
        name=st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]*", fullmatch=True),
        words=st.lists(WORD, min_size=2, max_size=6, unique=True).map(tuple),
        train_share=numbers(0, 1, exclude_min=True),
    ),
    augmentation=st.builds(
        Augmentation,
        time_shift_ms=numbers(0, 1000),
        gain_db=numbers(0, 60),
        noise=numbers(0, 1),
    ),
    optimizer=st.builds(
        Optimizer,
        name=st.sampled_from(["adam", "adamw", "sgd"]),
        learning_rate=numbers(0, 1e9, exclude_min=True),
        weight_decay=numbers(0, 1e9),
        beta1=numbers(0, 1, exclude_max=True),
    ),
    schedule=st.builds(
        Schedule,
        name=st.sampled_from(["constant", "cosine", "step", "plateau"]),
        factor=numbers(0, 1, exclude_min=True, exclude_max=True),
        every_epochs=st.integers(1, 10**6),
    ),
    training=st.builds(
        Training,
        batch=st.integers(1, 65536),
        epochs=st.integers(1, 100_000),
        seed=st.integers(0, 2**32 - 1),
        device=st.sampled_from(["auto", "cpu", "mps", "cuda", "cuda:0", "cuda:13"]),
        precision=st.sampled_from(["auto", "fp32", "bf16"]),
    ),
)


@given(PRESETS)
def test_toml_reads_back_to_an_equal_preset(preset: Preset) -> None:
    assert from_tree(tomllib.loads(to_toml(preset)), "test") == preset
    whole = resolved(preset)
    assert from_tree(tomllib.loads(to_toml(whole)), "test") == whole


@given(PRESETS)
def test_the_tree_is_json_and_has_no_empty_keys(preset: Preset) -> None:
    tree = to_tree(preset)
    assert from_tree(msgspec.json.decode(msgspec.json.encode(tree)), "test") == preset
    assert None not in tree.values()
    assert None not in tree["model"].values()


def test_an_empty_file_is_the_defaults_of_the_report() -> None:
    preset = from_tree({}, "empty.toml")
    assert preset == Preset()
    assert preset.data.words == WORDS
    assert len(set(WORDS)) == 16
    assert (preset.optimizer.name, preset.optimizer.learning_rate) == ("adam", 1e-3)
    assert (preset.optimizer.beta1, preset.optimizer.beta2) == (0.9, 0.999)
    assert preset.optimizer.epsilon == 1e-7
    assert (preset.model.family, preset.model.initializer) == ("custom", "xavier_uniform")
    assert preset.augmentation == Augmentation(time_shift_ms=0, gain_db=0, noise=0)


@pytest.mark.parametrize("family", FAMILIES)
def test_resolved_leaves_no_size_open(family: str) -> None:
    model = resolved(Preset(model=Model(family=family))).model
    assert None not in (model.convs, model.channels, model.kernel)


REFUSED = {
    "unknown section": ("[modle]\nconvs = 7", ["'modle'", "Did you mean 'model'?"]),
    "unknown key": ("[model]\nconv = 7", ["'model.conv'", "Did you mean 'convs'?"]),
    "far key": ("[model]\nzzzz = 7", ["'model.zzzz'", "Allowed:", "dropout"]),
    "section no table": ("model = 7", ["model must be a table"]),
    "int for word": ("[model]\nfamily = 7", ["model.family = 7", "custom, vgg, large, base"]),
    "near word": ("[model]\nactivation = 'rellu'", ["'rellu'", "Did you mean 'relu'?", "gelu"]),
    "far word": ("[model]\nfamily = 'resnet'", ["'resnet'", "Allowed: custom, vgg, large, base."]),
    "text for int": ("[model]\nconvs = '7'", ["model.convs = '7'", "a whole number >= 1"]),
    "float for int": ("[model]\nconvs = 7.5", ["model.convs = 7.5", "a whole number"]),
    "bool for int": ("[model]\nconvs = true", ["model.convs = True", "a whole number"]),
    "int for bool": ("[model]\nbatch_norm = 1", ["model.batch_norm = 1", "true or false"]),
    "text for float": ("[model]\ndropout = 'half'", ["model.dropout = 'half'", "a number >= 0"]),
    "below": ("[model]\nconvs = 0", ["model.convs = 0", ">= 1 and <= 64"]),
    "above": ("[model]\ndropout = 1.0", ["model.dropout = 1.0", "a number >= 0 and < 1"]),
    "not above": ("[optimizer]\nlearning_rate = 0", ["optimizer.learning_rate = 0", "> 0"]),
    "nan": ("[optimizer]\nlearning_rate = nan", ["optimizer.learning_rate = nan", "a number"]),
    "infinite": ("[optimizer]\nlearning_rate = inf", ["optimizer.learning_rate = inf", "a number"]),
    "nan share": ("[model]\ndropout = nan", ["model.dropout = nan", "a number"]),
    "device": ("[training]\ndevice = 'gpu'", ["training.device = 'gpu'", "cuda:N"]),
    "data name": ("[data]\nname = '../x'", ["data.name = '../x'", "letters, digits"]),
    "one word": ("[data]\nwords = ['one']", ["data.words = ['one']", "at least 2"]),
    "spaced word": ("[data]\nwords = ['a b', 'c']", ["data.words", "without spaces or slashes"]),
    "number word": ("[data]\nwords = [1, 2]", ["data.words = [1, 2]", "a list of words"]),
    "no list": ("[data]\nwords = 'one'", ["data.words = 'one'", "a list of words"]),
    "word twice": ("[data]\nwords = ['a', 'b', 'a']", ["names 'a' twice"]),
    "too deep": ("[model]\nconvs = 10", ["'custom'", "max pooling 3 does not fit 2 samples"]),
    "odd vgg": ("[model]\nfamily = 'vgg'\nconvs = 7", ["convs = 7 is odd"]),
    "seed": ("[training]\nseed = 4294967296", ["training.seed = 4294967296", "< 4294967296"]),
}  # fmt: skip


@pytest.mark.parametrize("text", REFUSED)
def test_refusal_names_file_key_value_and_what_is_allowed(text: str) -> None:
    toml, says = REFUSED[text]
    with pytest.raises(PresetError) as caught:
        from_tree(tomllib.loads(toml), "my.toml")
    assert caught.value.where == "my.toml"
    for part in says:
        assert part in str(caught.value)


def test_a_whole_number_will_do_for_a_number() -> None:
    assert from_tree({"optimizer": {"learning_rate": 1}}, "x").optimizer.learning_rate == 1.0


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"[model\nconvs = 7", "is not valid TOML"),
        (b"[model]\nconvs = 7\nconvs = 8", "is not valid TOML"),
        (b"about = '\xff'", "is not UTF-8 text"),
        (b"about = " + b"[" * 9_000, "is not valid TOML"),
        (b"[model]\nconvs = " + b"9" * 5_000, "is not valid TOML"),
        (b"[model]\nconvs = 0x" + b"9" * 5_000, "more than 64 bits"),
        (b"about." + b"a." * 500 + b"a = 1", "Nested deeper than 64 levels"),
        pytest.param(b"#" * 2_000_001, "is larger than 2 MB", id="large"),
        (None, "cannot be read: No such file or directory"),
    ],
)
def test_a_file_that_is_no_toml(tmp_path: Path, content: bytes | None, says: str) -> None:
    path = tmp_path / "mine.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(PresetError, match=says) as caught:
        load_file(path)
    assert caught.value.where == str(path)


def test_bad_toml_names_the_line(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text("about = 'x'\n\nconvs : 7\n")
    with pytest.raises(PresetError, match="line 3"):
        load_file(path)


def test_a_folder_is_no_preset(tmp_path: Path) -> None:
    with pytest.raises(PresetError, match="Is a directory"):
        load_file(tmp_path)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ("model.convs=7", 7),
        (" model.convs = 7 ", 7),
        ("model.family=vgg", "vgg"),
        ("model.family='vgg'", "vgg"),
        ('model.family="vgg"', "vgg"),
        ("model.dropout=0.5", 0.5),
        ("model.dropout=0", 0.0),
        ("model.batch_norm=true", True),
        ("optimizer.learning_rate=3e-4", 3e-4),
        ("training.device=cuda:1", "cuda:1"),
        ("data.name=2024", "2024"),
        ("data.name=2019-04-05", "2019-04-05"),
        ("data.words=yes,no", ("yes", "no")),
        ("data.words= yes , no, ", ("yes", "no")),
        ("data.words=['yes', 'no']", ("yes", "no")),
        ("data.words=1,2", ("1", "2")),
    ],
)
def test_set_reads_numbers_words_and_lists(change: str, expected: object) -> None:
    section, name = change.partition("=")[0].strip().split(".")
    value = getattr(getattr(edited(Preset(), [change]), section), name)
    assert value == expected
    assert type(value) is type(expected)


def test_set_changes_nothing_else_and_the_last_one_wins() -> None:
    preset = edited(REPORTED, ["training.epochs=3", "training.seed=1", "training.epochs=4"])
    assert preset == msgspec.structs.replace(REPORTED, training=Training(epochs=4, seed=1))
    assert edited(REPORTED, []) == REPORTED


def test_changes_are_checked_together() -> None:
    assert edited(Preset(), ["model.convs=10", "model.convs=9"]).model.convs == 9
    assert edited(Preset(model=Model(convs=9)), ["model.family=vgg", "model.convs=8"]).model == (
        Model(family="vgg", convs=8)
    )


@pytest.mark.parametrize("more", ["\n[model]\nconvs = 3", "\nother = 3", " # why", ",", ", 3", "]"])
def test_a_change_is_one_value_and_nothing_after_it(more: str) -> None:
    with pytest.raises(PresetError, match="is not allowed"):
        edited(Preset(), [f"model.convs=7{more}"])


def test_a_mark_of_the_encoding_before_a_file_is_no_part_of_it(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_bytes(b"\xef\xbb\xbfabout = 'x'\r\n")
    assert load_file(tmp_path / "a.toml") == {"about": "x"}


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ("model.convs", ["'model.convs' is not section.key=value", "model.convs=7"]),
        ("convs=7", ["'convs=7' is not section.key=value"]),
        ("", ["is not section.key=value"]),
        ("modle.convs=7", ["no section 'modle'", "Did you mean 'model'?"]),
        ("name.x=7", ["no section 'name'", "training"]),
        ("published.table=summary", ["no section 'published'"]),
        ("model.convz=7", ["'model.convz'", "Did you mean 'convs'?"]),
        ("model.=7", ["'model.'"]),
        ("model.convs=seven", ["model.convs = 'seven'", "a whole number"]),
        ("model.convs=", ["model.convs = ''", "a whole number"]),
        ("model.convs=99", ["model.convs = 99", "<= 64"]),
        ("model.convs=10", ["max pooling 3 does not fit"]),
        ("model.batch_norm=yes", ["model.batch_norm = 'yes'", "true or false"]),
        ("data.words=one", ["data.words = ['one']", "at least 2"]),
        ("data.words=a,a", ["names 'a' twice"]),
        ("optimizer.learning_rate=nan", ["optimizer.learning_rate = nan"]),
    ],
)
def test_set_refuses_by_name(change: str, says: list[str]) -> None:
    with pytest.raises(PresetError) as caught:
        edited(Preset(), [change])
    assert caught.value.where.startswith("--set")
    for part in says:
        assert part in str(caught.value)


@pytest.mark.parametrize(
    "change",
    [
        "model.convs=7", "model.dropout=0.5", "model.activation=tanh", "model.batch_norm=true",
        "model.initializer=he_uniform", "model.channels=64", "data.words=yes,no",
    ],
)  # fmt: skip
def test_another_model_is_no_longer_the_reports_cell(change: str) -> None:
    assert edited(REPORTED, [change]).published is None


@pytest.mark.parametrize(
    "change",
    [
        "training.epochs=3", "optimizer.learning_rate=0.01", "schedule.name=cosine",
        "augmentation.noise=0.01", "data.train_share=0.1", "data.name=mine",
        "model.channels=32", "model.convs=8", "model.kernel=5",
        "data.words=" + ",".join(WORDS),
    ],
)  # fmt: skip
def test_other_training_of_the_same_model_still_is(change: str) -> None:
    assert edited(REPORTED, [change]).published == REPORTED.published


def test_nan_never_gets_in() -> None:
    for section, keys in to_tree(Preset()).items():
        if not isinstance(keys, dict):
            continue
        for key, value in keys.items():
            if isinstance(value, float):
                for bad in (math.nan, math.inf, -math.inf):
                    with pytest.raises(PresetError):
                        from_tree({section: {key: bad}}, "x")


@pytest.mark.parametrize("value", ["9" * 5_000, "0x" + "f" * 5_000, "[" * 9_000])
def test_a_value_without_end_is_refused(value: str) -> None:
    with pytest.raises(PresetError, match=r"^--set: model.convs = .* is not allowed"):
        edited(Preset(), [f"model.convs={value}"])


def test_a_change_that_is_no_text_is_refused() -> None:
    with pytest.raises(PresetError, match="is no UTF-8 text"):
        edited(Preset(), ["model.convs=\udce9"])
