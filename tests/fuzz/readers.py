"""Every reader of files that others may have written: what a good one holds, how it is read."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from hypothesis import strategies as st

from labbench import paths
from labbench.audio import build, jobs, sources
from labbench.audio.browse import amplitudes, facts
from labbench.audio.clips import open_clips
from labbench.audio.findings import read_check
from labbench.audio.library import survey
from labbench.audio.lists import lines_of
from labbench.audio.meta import META_FILE, Meta
from labbench.audio.progress import silent
from labbench.audio.sound import read_clip, read_whole
from labbench.audio.splits import Named, deal
from labbench.draw.export import View, export
from labbench.draw.palette import DARK
from labbench.draw.spectrogram import Look
from labbench.evaluation.clips import clips_in_cell
from labbench.evaluation.listed import Row
from labbench.export.tables import write_tables
from labbench.export.tensorboard import scalars
from labbench.interpret.analyses import ANALYSES, view
from labbench.interpret.attribution.answer import Attribution
from labbench.interpret.confusion_pair.answer import Confused, Pair
from labbench.interpret.features.answer import FeaturesQuestion
from labbench.interpret.filters.answer import run_filters
from labbench.interpret.filters.options import FiltersOptions
from labbench.interpret.maximise.answer import Climbed
from labbench.interpret.options import Options
from labbench.interpret.probes.answer import Probes
from labbench.interpret.probes.options import ProbesOptions
from labbench.interpret.question import Question, kept
from labbench.interpret.questions import QUESTIONS
from labbench.presets import Library, edited
from labbench.runs import create, machine, notes, weights
from labbench.runs.log import Course, last_epoch
from labbench.runs.reader import listing
from labbench.scheduler import devices
from labbench.tables.pace import known_pace
from labbench.tables.sweep import Plan
from labbench.training.checkpoints import Checkpoints
from labbench.training.restoring import load_net
from labbench.tui import settings
from labbench.views.classes import ClassesView
from labbench.views.clips import ClipsView, ClipView
from labbench.views.confusion import ConfusionView
from labbench.views.curves import CurvesView
from labbench.views.data import DataListView, DataView
from labbench.views.jobs import bar, heading, in_words
from labbench.views.runs import RunsView
from labbench.views.summary import SummaryView
from tests.fuzz import mutations
from tests.fuzz.world import World, archive, own_presets, sound

PRESET = b"""
about = "mine"
base = "custom-ch32"
[model]
convs = 4
dropout = 0.25
activation = "tanh"
[data]
name = "auto"
words = ["bed", "cat"]
[training]
epochs = 3
device = "cuda:1"
"""

TABLE = b"""
about = "mine"
[model]
family = "custom"
[rows.a]
label = "A"
model = {convs = 4}
[columns."0.5"]
label = "half"
model = {dropout = 0.5}
"""

CHECK = b"""{"format": 1, "fingerprint": "aa", "unknown": ["channels"], "findings": [
{"kind": "leak", "level": "warning", "count": 2, "what": "2 clips", "first": ["a = b"]}]}"""

Mutated = Callable[[bytes], st.SearchStrategy[bytes]]


@dataclass(frozen=True)
class Reader:
    """How a file is read, and what is in a good one."""

    name: str
    place: Callable[[World], Path]
    """Where the file is."""
    read: Callable[[World, Path], object]
    """Gives a value, or raises a LabbenchError."""
    mutated: Mutated = mutations.bytes_of
    good: bytes | None = None
    """None: what the world has in its place."""
    is_text: bool = False
    """Whether it is text that comes from no file of its own."""


def shown(*views: View) -> list[bytes]:
    """Views in every form that is text."""
    forms: Sequence[Any] = ("ansi", "json", "csv")
    return [export(view, form, width=80) for view in views for form in forms]


def _last(world: World, _: Path) -> object:
    """The last weights as screens read them, and as a resumed run does."""
    checkpoints = Checkpoints(world.run.checkpoints_path)
    checkpoints.load_last()
    return weights.read(world.run.path, "last")


def _best(world: World, path: Path) -> object:
    load_net(world.run)
    return _weights(world, path)


def _own_presets(_: World, __: Path) -> object:
    """Everything that a listing asks of the user's files."""
    library = Library(lenient=True)
    return [library.get(name) for name in library.names() if library.is_own(name)]


def _set(_: World, path: Path) -> object:
    text = path.read_text(encoding="utf-8", errors="surrogateescape")
    return edited(Library().get("demo"), text.splitlines())


def _status(world: World, _: Path) -> object:
    return shown(RunsView.of([Row(*one) for one in listing()[0]])), world.run.status()


def _history(world: World, path: Path) -> object:
    history = world.run.history()
    list(scalars(history, 0.0))
    course = Course(path)
    course.read()
    last_epoch(path)
    return shown(
        CurvesView.of(world.run), CurvesView.of(world.run, by="time", log=True, smooth=0.9)
    )


def _predictions(world: World, _: Path) -> object:
    found = world.run.predictions("test")
    clips_in_cell(found, 0, 1)
    return shown(ConfusionView.of(world.run, "test"), ClassesView.of(world.run, "test"))


def _about(world: World, path: Path) -> object:
    write_tables(world.run, path.parent.parent / "tables")
    return shown(SummaryView.of(world.run))


def _weights(world: World, _: Path) -> object:
    return shown(view(world.run, FiltersOptions(), (run_filters(world.run),)))


def _columns(_: World, __: Path) -> object:
    clips = open_clips("tones")
    known = [facts(clips, row) for row in range(clips.meta.clips)]
    return known, DataView.of(clips).as_json(), ClipsView.of(clips, limit=20).as_json()


def _clips(_: World, __: Path) -> object:
    clips = open_clips("tones")
    known = facts(clips, 1)
    view = ClipView.of(known.name, amplitudes(clips, 1), Look("mel", 70, 512, 128), known)
    return shown(
        DataView.of(clips), ClipsView.of(clips, limit=20), view, DataListView(tuple(survey()))
    )


def _findings(_: World, path: Path) -> object:
    """What a screen asks of what was found in a data set; damage is no error there."""
    meta = Meta(
        name="mine", kind="folder", words=("a",), clips=1, clips_by_split={}, changed={},
        split_rule="", source="", fingerprint="aa", created="", labbench="",
    )  # fmt: skip
    check = read_check(path.parent, meta)
    return [one.in_words for one in check.findings] if check else ["not checked"]


def _jobs(_: World, __: Path) -> object:
    return [(in_words(job), heading(job, DARK), bar(job, DARK)) for job in jobs.all_jobs()]


def _sound(_: World, path: Path) -> object:
    with read_whole(path) as whole:
        pieces = [len(piece) for _, piece in zip(range(20), whole.pieces, strict=False)]
    return read_clip(path), pieces


LIST = b"a/0_nohash_0.wav\r\n./b/1_nohash_0.wav\n"

SOUNDS = {
    "WAV": "PCM_16", "RF64": "FLOAT", "W64": "PCM_24", "AIFF": "PCM_16", "AU": "ULAW",
    "CAF": "PCM_16", "FLAC": "PCM_16", "OGG": "VORBIS", "MP3": "MPEG_LAYER_III",
}  # fmt: skip


def _files(_: World, path: Path) -> object:
    return list(sources.files(path, silent))


def _archive(_: World, path: Path) -> object:
    return build.add("built", path, replace=True, workers=1)


def _list(_: World, path: Path) -> object:
    names = [f"{word}/{speaker}_nohash_0.wav" for word in "ab" for speaker in range(4)]
    named = Named(names, [name[0] for name in names], [name[2] for name in names], names)
    return deal(named, {"test": lines_of(path.read_bytes())})


DRAWN: dict[str, Callable[[World, Any, Any], object]] = {
    "EvidenceQuestion": lambda world, ask, found: Attribution((found,)),
    "FeaturesQuestion": lambda world, ask, found: Probes(ask.layer, ask.pool, (), {}, (found,) * 3),
    "MaximiseQuestion": lambda world, ask, found: Climbed("low", found),
    "PairQuestion": lambda world, ask, found: Confused(
        (), Pair.of(world.run.predictions("test"), "low", "high"), found
    ),
    "ProbeQuestion": lambda world, ask, found: Probes(
        ask.layer, ask.pool, ("knn",), {"knn": found}
    ),
}
"""What is drawn of an answer, where that is not the answer itself."""


def _kept(question: type[Question[Any]]) -> Reader:
    """What is kept of an answer, shown; damaged it is as if it were not kept."""
    name, folder = question.__name__, question.__module__.rpartition(".")[0]
    of_folder = {one.__module__.rpartition(".")[0]: one for one in ANALYSES}
    kind: type[Options] = ProbesOptions if question is FeaturesQuestion else of_folder[folder]

    def read(world: World, _: Path) -> object:
        ask = world.asks[name]
        if (found := kept(world.run, ask)) is None:
            return "not kept"
        drawn = DRAWN[name](world, ask, found) if name in DRAWN else found
        return shown(view(world.run, kind(), drawn))

    return Reader(name, lambda world: world.kept_path(name), read, mutations.safetensors_of)


def _in_run(
    name: str, read: Callable[[World, Path], object], mutated: Mutated = mutations.json_of
) -> Reader:
    return Reader(name, lambda world: world.run.path / name, read, mutated)


def _elsewhere(
    name: str, good: bytes, read: Callable[[World, Path], object],
    mutated: Mutated = mutations.bytes_of, *, is_text: bool = False,
) -> Reader:  # fmt: skip
    return Reader(name, lambda _: paths.runs_dir().parent / name, read, mutated, good, is_text)


def _counter(_: World, path: Path) -> object:
    """A new run's number, which it bears in its name."""
    run = create(Library().get("demo"), path.parent)
    shutil.rmtree(run.path)
    return run.id


def _pace(_: World, __: Path) -> object:
    return known_pace(cast(Plan, SimpleNamespace(cells=())), "cpu", "x").seconds_per_clip(2.0) or 0


def _in_presets(name: str, good: bytes) -> Reader:
    return Reader(name, lambda _: own_presets() / name, _own_presets, mutations.toml_of, good)


def _in_clips(
    name: str, read: Callable[[World, Path], object], mutated: Mutated = mutations.npy_of
) -> Reader:
    return Reader(name, lambda _: paths.clips_dir() / "tones" / name, read, mutated)


READERS = (
    _elsewhere("a.toml", PRESET, lambda _, path: Library().get(str(path)), mutations.toml_of),
    _in_presets("own.toml", PRESET),
    _in_presets("table.toml", TABLE),
    _elsewhere("--set", b"model.convs=4\ntraining.epochs=3\ndata.words=bed,cat", _set,
               is_text=True),
    _in_run("status.json", _status),
    _in_run("run.json", _about),
    _in_run("preset.toml", _about, mutations.toml_of),
    _in_run("events.jsonl", _history, mutations.lines_of),
    _in_run("notes.json", lambda world, _: notes.read(world.run.path)),
    _in_run("checkpoints/best.json", _best),
    _in_run("checkpoints/last.json", _last),
    Reader(
        "best weights", lambda world: weights.checkpoint(world.run.path).path, _best,
        mutations.safetensors_of,
    ),
    _in_run("predictions/test.safetensors", _predictions, mutations.safetensors_of),
    *(_kept(question) for question in QUESTIONS),
    _in_clips(META_FILE, _clips, mutations.json_of),
    _in_clips("clips.npy", _clips),
    *(_in_clips(f"{column}.npy", _columns) for column in (
        "names", "labels", "splits", "speakers", "speaker_names", "lengths", "flags"
    )),
    _elsewhere("check.json", CHECK, _findings, mutations.json_of),
    Reader("job", lambda _: jobs.path_of("more"), _jobs, mutations.json_of),
    *(_elsewhere(f"a.{form.lower()}", sound(form, kind), _sound) for form, kind in SOUNDS.items()),
    *(_elsewhere(f"a{end}", archive(end), _archive) for end in (".zip", ".tar")),
    *(_elsewhere(f"a{end}", archive(end), _files) for end in (".tgz", ".tar.xz", ".tar.bz2")),
    _elsewhere("testing_list.txt", LIST, _list, is_text=True),
    _elsewhere(".counter", b"41\n", _counter),
    Reader("pace", lambda _: paths.runs_dir() / f".pace-{machine.host()}.json", _pace,
           mutations.json_of, b'{"cpu x": [[1.0, 0.5], [3.0, 1.5]], "cuda y": []}'),
    Reader("settings.toml", lambda _: settings.path(), lambda *_: settings.load(),
           mutations.toml_of),
    Reader("slots", lambda _: settings.path(), lambda *_: devices.slots_text() or "none",
           mutations.toml_of, b'slots = {cpu = 2, "cuda:1" = 0}'),
)  # fmt: skip
