"""The data sets there are, and which one a run uses. Loads no numpy: front ends may call it."""

from __future__ import annotations

import re
import unicodedata
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from labbench.audio.meta import ARRAYS, META_FILE, Meta, read_meta
from labbench.errors import BusyError, DataError, nearest
from labbench.paths import clips_dir, expanded, is_dir
from labbench.units import CLIP_SAMPLES

SPEECH_COMMANDS = "speech_commands"
SYNTHETIC = "synthetic"
AUTO = "auto"

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_HALF = re.compile(rf"\.(?P<name>{_NAME.pattern})\.making-[^.]+")
HOW_TO_MAKE = (
    "Make one with: labbench data add NAME PATH, labbench data fetch, or labbench data synth."
)


@dataclass(frozen=True, slots=True)
class Surveyed:
    """A data set as a listing finds it."""

    name: str
    meta: Meta | None
    """None where it is too damaged to tell."""
    damage: str
    """What is wrong with it; empty: nothing that a quick look shows."""
    size_bytes: int


def survey() -> list[Surveyed]:
    """All data sets by name, the damaged ones too; files are looked at, not read."""
    try:
        folders = sorted(
            path for path in clips_dir().iterdir()
            if path.is_dir() and not path.name.startswith(".")
        )  # fmt: skip
    except OSError:
        return []
    return [surveyed(folder) for folder in folders]


def surveyed(folder: Path) -> Surveyed:
    """The data set in a folder, whatever state it is in."""
    sizes: dict[str, int] = {}
    for path in folder.glob("*"):
        try:
            sizes[path.name] = path.stat().st_size
        except OSError:
            continue
    meta, damage = None, ""
    try:
        meta = read_meta(folder)
    except DataError as error:
        damage = error.what
    else:
        damage = _damage(meta, sizes)
    return Surveyed(folder.name, meta, damage, sum(sizes.values()))


def _damage(meta: Meta, sizes: dict[str, int]) -> str:
    """What the sizes of a data set's files tell of it."""
    missing = [f"{name}.npy" for name in ARRAYS if f"{name}.npy" not in sizes]
    if missing:
        return f"{', '.join(missing)} {'is' if len(missing) == 1 else 'are'} missing."
    needed = 2 * CLIP_SAMPLES * meta.clips
    if sizes["clips.npy"] < needed:
        return f"clips.npy has {sizes['clips.npy']:,} bytes, {needed:,} are needed."
    return ""


def check_name(name: str) -> str:
    """`name` where it can name a data set.

    Raises:
        DataError: it is empty, too long, holds other signs, or is `auto`.
    """
    if not _NAME.fullmatch(name) or name == AUTO:
        raise DataError(
            f"{name!r} cannot be the name of a data set.",
            hint="Use up to 64 letters, digits, '.', '_' or '-', beginning with a letter or digit"
            f" (and not {AUTO!r}).",
        )
    return name


def check_words(words: Sequence[str]) -> None:
    """Refuse a list of classes that names one twice.

    Raises:
        DataError: it does.
    """
    twice = sorted({word for word in words if words.count(word) > 1})
    if twice:
        raise DataError(f"{', '.join(twice)}: named twice.", where="--words")


def data_set_names() -> list[str]:
    """The names of all data sets, sorted."""
    return sorted(path.parent.name for path in clips_dir().glob(f"[!.]*/{META_FILE}"))


def find(name_or_path: str | Path) -> Path:
    """The folder of a data set, by its name or by a path to it; it may be damaged.

    Raises:
        DataError: there is none; lists those there are.
    """
    text = str(name_or_path)
    by_path = expanded(text)
    if isinstance(name_or_path, Path) or "/" in text or by_path.name != text:
        if not is_dir(by_path):
            raise DataError("There is no such folder.", where=text, hint=HOW_TO_MAKE)
        return by_path
    folder = clips_dir() / check_name(text)
    if not (folder / META_FILE).is_file():
        recover(text)
    if folder.is_dir():
        return folder
    names = data_set_names()
    have = nearest(text, names) if names else "There are none yet."
    raise DataError(f"There is no data set {text!r}.", hint=f"{have} {HOW_TO_MAKE}")


def all_meta() -> list[Meta]:
    """The meta of every data set that can be read, by name."""
    found = []
    for name in data_set_names():
        try:
            found.append(read_meta(clips_dir() / name))
        except DataError:
            continue
    return found


def auto_name(words: Sequence[str]) -> str:
    """The data set that a run with `data.name = "auto"` uses.

    `speech_commands` if it is there; else the only one that is not synthetic; else `synthetic`,
    which is made when it is missing. Where several that are not synthetic hold all of `words`,
    or none of several does, the choice is the user's.

    Args:
        words: the run's classes; a data set that lacks some of them yields to one that does not.

    Raises:
        DataError: several could be meant.
    """
    own = [name for name in data_set_names() if _kind(name) not in (None, "synthetic")]
    if SPEECH_COMMANDS in own:
        return SPEECH_COMMANDS
    fitting = [name for name in own if set(words) <= set(read_meta(clips_dir() / name).words)]
    if len(own) > 1 and len(fitting) != 1:
        raise DataError(
            f"There are several data sets: {', '.join(own)}.",
            where="data.name",
            hint=f"Name one of them: --set data.name={own[0]}",
        )
    return (fitting or own or [SYNTHETIC])[0]


def fingerprint_of(name: str) -> str:
    """The fingerprint of a data set, "" where there is none or it cannot be read."""
    try:
        return read_meta(clips_dir() / name).fingerprint
    except DataError:
        return ""


def _kind(name: str) -> str | None:
    try:
        return read_meta(clips_dir() / name).kind
    except DataError:
        return None


def remove(name: str) -> None:
    """Delete a data set, damaged or not.

    A kill at any moment leaves either the whole set, or a rest that no listing shows and that the
    next removal sweeps away.

    Raises:
        DataError: there is none of this name, it is a link, or it cannot be deleted.
        BusyError: it is being made at this moment.
    """
    from labbench.runs import leftovers

    folder = find(check_name(name))
    if folder.is_symlink():
        raise DataError(
            "is a link: what it leads to is not deleted.", where=str(folder),
            hint=f"To take away the link: rm {folder}",
        )  # fmt: skip
    with lock(name):
        doomed = folder.with_name(f"{leftovers.REMOVING}{uuid.uuid4().hex[:8]}")
        try:
            leftovers.check_deletable(folder)
            folder.rename(doomed)
            leftovers.delete(doomed)
        except OSError as error:
            raise DataError(
                f"it cannot be deleted: {error.strerror or error}.", where=str(folder)
            ) from error
    leftovers.sweep(clips_dir())


def lock(name: str, timeout_s: float = 0) -> FileLock:
    """The lock that the writer of data set `name` holds, acquired.

    Args:
        timeout_s: how long to wait for another writer; negative waits without end.

    Raises:
        BusyError: another process holds it.
        DataError: the folder of data sets cannot be written.
    """
    try:
        clips_dir().mkdir(parents=True, exist_ok=True)
        held = FileLock(clips_dir() / f".{name}.lock")
        held.acquire(timeout=timeout_s)
    except Timeout:
        raise BusyError(
            f"Data set {name!r} is being made by another process.",
            where=str(clips_dir()),
            hint="Wait for it, or make one of another name.",
        ) from None
    except OSError as error:
        raise DataError(
            f"The folder of data sets cannot be written: {error.strerror}.",
            where=str(clips_dir()),
            hint="Set LABBENCH_CLIPS to a folder that can.",
        ) from error
    return held


def half_made() -> list[tuple[str, Path]]:
    """The names of data sets that are being made, or were by a killed command, and where."""
    try:
        paths = sorted(clips_dir().iterdir())
    except OSError:
        return []
    return [(found["name"], path) for path in paths if (found := _HALF.fullmatch(path.name))]


def replaced_name(name: str) -> str:
    """The name that an old data set bears while a new one takes its place."""
    return f".{name}.replaced"


def recover(name: str) -> None:
    """Put back an old data set whose writer was killed just before the new one took its name.

    Raises:
        BusyError: another process is making it.
    """
    if (clips_dir() / replaced_name(name)).is_dir():
        with lock(name, timeout_s=5):
            put_back(name)


def put_back(name: str) -> None:
    """The part of `recover` for who holds the lock."""
    aside = clips_dir() / replaced_name(name)
    if aside.is_dir() and not (clips_dir() / name).exists():
        aside.rename(clips_dir() / name)


def natural_key(word: str) -> tuple[tuple[int, int, str], ...]:
    """The sort key that puts `2` before `10` and `digit2` before `digit10`; else signs count."""
    parts = re.findall(r"[0-9]+|[^0-9]+", word)
    numbers = (part.lstrip("0") if part[0] in "0123456789" else None for part in parts)
    key = [
        (1, 0, part) if number is None else (0, len(number), number)
        for part, number in zip(parts, numbers, strict=True)
    ]
    return (*key, (0, 0, word))


def look_alike_key(word: str) -> str:
    """The same text for words that a reader can hardly tell apart."""
    return unicodedata.normalize("NFKC", word).casefold().strip()


def difference_in_words(words: Sequence[str]) -> str:
    """What tells words apart that look alike: `case` or `Unicode form`."""
    forms = {unicodedata.normalize("NFC", word) for word in words}
    return "case" if len(forms) == len(words) else "Unicode form"
