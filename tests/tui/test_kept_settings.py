"""What the app remembers of its user, in a file that the user may have written."""

from __future__ import annotations

from pathlib import Path

import pytest

from labbench.errors import LabbenchError
from labbench.tui import settings


@pytest.fixture
def kept() -> Path:
    settings.path().parent.mkdir(parents=True)
    return settings.path()


def test_keys_of_others_stay(kept: Path) -> None:
    kept.write_text('slots = "cpu=2"\ntheme = "light"\n')
    settings.save(settings.Settings(curves_log=True))
    assert 'slots = "cpu=2"' in kept.read_text()
    assert settings.load() == settings.Settings(curves_log=True)


def test_a_link_of_the_users_stays_one(kept: Path, tmp_path: Path) -> None:
    real = tmp_path / "dotfiles.toml"
    real.write_text("slots = 2\n")
    kept.symlink_to(real)
    settings.save(settings.Settings(theme="light"))
    assert kept.is_symlink()
    assert "slots = 2" in real.read_text()
    assert settings.load().theme == "light"


@pytest.mark.parametrize("content", ["slots = 2\ntheme =", "n = " + "9" * 5_000, "\udce9"])
def test_a_file_with_a_mistake_is_not_lost(kept: Path, content: str) -> None:
    kept.write_text(content, errors="surrogateescape")
    before = kept.read_bytes()
    assert settings.load() == settings.Settings()
    with pytest.raises(LabbenchError, match="is left as it is"):
        settings.save(settings.Settings(theme="light"))
    assert kept.read_bytes() == before
