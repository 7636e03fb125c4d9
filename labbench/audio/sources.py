"""Where clips come from: a folder or an archive, as its files one after the other."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from labbench.audio.archives import of_tar, of_zip
from labbench.audio.folders import of_folder
from labbench.audio.members import File
from labbench.audio.progress import Progress
from labbench.errors import DataError
from labbench.paths import is_dir, is_file

TARS = (".tar.gz", ".tgz", ".tar.xz", ".txz", ".tar.bz2", ".tbz2", ".tbz", ".tar")
ARCHIVES = (*TARS, ".zip")
"""How the names of archives end, in small or capital letters."""


def check(path: Path) -> None:
    """Refuse what holds no files for sure.

    Raises:
        DataError: there is nothing there, or it is no folder or archive.
    """
    if is_dir(path):
        return
    if not is_file(path):
        raise DataError("there is no such file or folder.", where=str(path))
    if not path.name.lower().endswith(ARCHIVES):
        raise DataError(
            "is neither a folder nor an archive.", where=str(path),
            hint=f"Archives end in {', '.join(ARCHIVES)}.",
        )  # fmt: skip


def files(path: Path, progress: Progress) -> Iterator[File]:
    """All files of a folder or archive, folders by name; what is no clip or list says why.

    Raises:
        DataError: there is nothing there, it is no folder or archive, it is damaged or too large.
    """
    check(path)
    if is_dir(path):
        return of_folder(path, progress)
    return (of_zip if path.name.lower().endswith(".zip") else of_tar)(path, progress)
