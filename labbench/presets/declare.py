"""From TOML to a frozen, validated Preset and back.

Every wrong key, type or range is refused with the file, the key, the nearest match and what is
allowed.
"""

from __future__ import annotations

import functools
import re
import tomllib
import types
import typing
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from labbench import architecture, paths, units
from labbench.architecture import families
from labbench.decoding import toml_tree
from labbench.errors import PresetError, check_seen, nearest
from labbench.presets.settings import SECTIONS, Preset
from labbench.text import shortened, toml_shown

MOST_BYTES = 2_000_000
"""Of a file of settings: a table of the most cells is far smaller."""

Tree = dict[str, Any]
"""TOML as Python sees it: tables are dicts."""


def load_file(path: Path) -> Tree:
    """The TOML tree of a file.

    Raises:
        PresetError: it cannot be read, or is not TOML.
    """
    return parse(read_file(path), str(path))


def read_file(path: Path) -> bytes:
    """What a file of settings holds.

    Raises:
        PresetError: it cannot be read, or is too large for one.
    """
    try:
        content = paths.read(path, MOST_BYTES + 1)
    except OSError as error:
        raise PresetError(f"cannot be read: {error.strerror}.", where=str(path)) from None
    if len(content) > MOST_BYTES:
        raise PresetError(f"is larger than {units.size(MOST_BYTES)}.", where=str(path))
    return content


def parse(content: bytes, where: str) -> Tree:
    """The TOML tree of what a file holds.

    Raises:
        PresetError: it is not TOML.
    """
    try:
        # Some editors begin a file with a mark of its encoding.
        return toml_tree(content.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise PresetError("is not UTF-8 text.", where=where) from None
    except tomllib.TOMLDecodeError as error:
        raise PresetError(f"is not valid TOML: {error}.", where=where) from None


def from_tree(tree: Mapping[str, Any], where: str) -> Preset:
    """A Preset of a tree; parts and keys left out have their defaults.

    Args:
        where: what to name in an error, such as the file.

    Raises:
        PresetError: an unknown key, a wrong type or range, or sizes that do not fit together.
    """
    _check_keys(tree, Preset, where, "")
    for section in SECTIONS:
        part = tree.get(section, {})
        if not isinstance(part, Mapping):
            raise PresetError(f"{section} must be a table of keys.", where=where)
        _check_keys(part, _hints(Preset)[section], where, section + ".")
    try:
        preset = msgspec.convert(dict(tree), Preset)
    except msgspec.ValidationError as error:
        raise _translated(error, tree, where) from None
    return _fitting(preset, where)


def resolved(preset: Preset) -> Preset:
    """The same preset with the sizes its family leaves open written out."""
    return msgspec.structs.replace(preset, model=families.resolved(preset.model))


def to_tree(preset: Preset) -> Tree:
    """The preset as nested dicts, ready for TOML or JSON (keys without a value left out)."""
    tree: Tree = msgspec.to_builtins(preset)
    return _without_none(tree)


def to_toml(preset: Preset) -> str:
    """The preset as TOML text that `from_tree` reads back to an equal preset."""
    import tomli_w

    return toml_shown(tomli_w.dumps(to_tree(preset)))


def edited(preset: Preset, changes: Iterable[str]) -> Preset:
    """The preset with `section.key=value` changes, checked like a file.

    Another model or other words are no longer the report's cell: `published` is dropped then.

    Raises:
        PresetError: a change that is not of that form, or a value that is not allowed.
    """
    tree = to_tree(preset)
    for change in changes:
        if not paths.is_text(change):
            raise PresetError(f"{change!r} is no UTF-8 text.", where="--set")
        key, sign, text = change.partition("=")
        section, dot, name = key.strip().partition(".")
        if not sign or not dot:
            raise PresetError(
                f"{change!r} is not section.key=value.", where="--set",
                hint="For example: --set model.convs=7",
            )  # fmt: skip
        if section not in SECTIONS:
            raise PresetError(f"there is no section {section!r}.", where=f"--set {change}",
                              hint=nearest(section, SECTIONS))  # fmt: skip
        part = _hints(Preset)[section]
        if name not in _hints(part):
            raise _unknown(name, part, f"--set {change}", section + ".")
        tree.setdefault(section, {})[name] = _value(text.strip(), _hints(part)[name])
    return readable(as_published(from_tree(tree, "--set"), preset), "--set")


def readable(preset: Preset, where: str) -> Preset:
    """The preset, if all its names and texts can be seen: for presets that are being made.

    Raises:
        PresetError: one cannot.
    """
    check_texts(to_tree(preset), where)
    return preset


def check_texts(tree: Mapping[str, Any], where: str, prefix: str = "") -> None:
    """Refuse names and texts of which something is not seen.

    Raises:
        PresetError: one holds such a sign.
    """
    for key, value in tree.items():
        check_seen(key, "the name", PresetError, where=where)
        if isinstance(value, Mapping):
            check_texts(value, where, f"{prefix}{key}.")
        for text in value if isinstance(value, list | tuple) else [value]:
            if isinstance(text, str):
                # A text about a preset may have several lines.
                text = text.replace("\n", " ") if key == "about" else text
                check_seen(text, prefix + key, PresetError, where=where)


def as_published(preset: Preset, of: Preset) -> Preset:
    """`preset`, an edit of `of`, keeping the report's cell only while it is that cell's model."""
    same_model = families.resolved(preset.model) == families.resolved(of.model)
    if same_model and preset.data.words == of.data.words:
        return preset
    return msgspec.structs.replace(preset, published=None)


def merged(*trees: Mapping[str, Any]) -> Tree:
    """Trees laid over one another, later ones winning key by key."""
    out: Tree = {}
    for tree in trees:
        for key, value in tree.items():
            if isinstance(value, Mapping) and isinstance(out.get(key), dict):
                out[key] = merged(out[key], value)
            else:
                out[key] = merged(value) if isinstance(value, Mapping) else value
    return out


def _without_none(tree: Tree) -> Tree:
    return {
        key: _without_none(value) if isinstance(value, dict) else value
        for key, value in tree.items()
        if value is not None
    }


@functools.cache
def _hints(struct: Any) -> dict[str, Any]:
    return typing.get_type_hints(struct, include_extras=True)


def _value(text: str, hint: Any) -> Any:
    """What a value typed on a command line means: TOML, a bare word, or a list with commas."""
    if _is_tuple(hint) and not text.startswith("["):
        return [word.strip() for word in text.split(",") if word.strip()]
    if _bare(hint) is str and not text.startswith(("'", '"')):
        return text
    try:
        # In a list nothing can follow it: no comment, no line of another key.
        tree = toml_tree(f"values = [{text}]")
    except tomllib.TOMLDecodeError:
        return text
    alone = len(tree) == len(tree["values"]) == 1 and not text.endswith(",")
    return tree["values"][0] if alone else text


def _bare(hint: Any) -> Any:
    """The type itself, without the bounds it is annotated with."""
    return typing.get_args(hint)[0] if typing.get_origin(hint) is typing.Annotated else hint


def _is_tuple(hint: Any) -> bool:
    return typing.get_origin(_bare(hint)) is tuple


def _check_keys(tree: Mapping[str, Any], struct: Any, where: str, prefix: str) -> None:
    for key in tree:
        if key not in _hints(struct):
            raise _unknown(key, struct, where, prefix)


def _unknown(key: str, struct: Any, where: str, prefix: str) -> PresetError:
    return PresetError(
        f"there is no key {prefix + key!r}.", where=where, hint=nearest(key, _hints(struct))
    )


def _translated(error: msgspec.ValidationError, tree: Mapping[str, Any], where: str) -> PresetError:
    """msgspec's complaint with the key's full name, the value, and what is allowed."""
    match = re.search(r"`\$\.([\w.]+)", str(error))
    path = match.group(1) if match else ""
    hint: Any = Preset
    value: Any = tree
    for name in path.split("."):
        hint = _hints(hint).get(name, object) if hasattr(hint, "__struct_fields__") else hint
        value = value.get(name) if isinstance(value, Mapping) else value
    close = ""
    if isinstance(value, str) and (names := _names(hint)):
        close = nearest(value, names) + " " if nearest(value, names).startswith("Did") else ""
    return PresetError(
        f"{path} = {shortened(repr(value), 200)} is not allowed.", where=where,
        hint=f"{close}Allowed: {allowed(hint)}.",
    )  # fmt: skip


def _names(hint: Any) -> tuple[str, ...]:
    return typing.get_args(hint) if typing.get_origin(hint) is typing.Literal else ()


def allowed(hint: Any) -> str:
    """What a key's type lets through, in words."""
    origin = typing.get_origin(hint)
    if origin is typing.Literal:
        return ", ".join(map(str, typing.get_args(hint)))
    if origin is typing.Annotated:
        inner, *metas = typing.get_args(hint)
        bounds = [_bounds(meta) for meta in metas if isinstance(meta, msgspec.Meta)]
        return " ".join([allowed(inner), *filter(None, bounds)])
    if origin in (typing.Union, types.UnionType):
        return " or ".join(allowed(one) for one in typing.get_args(hint) if one is not type(None))
    if origin is tuple:
        return "a list of words without spaces or slashes"
    return {int: "a whole number", float: "a number", bool: "true or false", str: "text"}.get(
        hint, "a table"
    )


def _bounds(meta: msgspec.Meta) -> str:
    if meta.description is not None:
        return f"({meta.description})"
    parts = [
        f"{sign} {value:.12g}"
        for sign, value in ((">=", meta.ge), (">", meta.gt), ("<=", meta.le), ("<", meta.lt))
        if value is not None
    ]
    if meta.min_length is not None:
        parts.append(f"(at least {meta.min_length})")
    if meta.pattern is not None:
        parts.append(f"matching {meta.pattern}")
    return " and ".join(parts)


def _fitting(preset: Preset, where: str) -> Preset:
    """The preset, if its words differ and its net can be built."""
    words = preset.data.words
    if twice := sorted({word for word in words if words.count(word) > 1}):
        raise PresetError(f"data.words names {twice[0]!r} twice.", where=where)
    try:
        architecture.plan(preset.model, len(words))
    except ValueError as error:
        raise PresetError(f"model: {error}.", where=where) from None
    return preset
