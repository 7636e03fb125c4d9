"""What a person named to write to: whatever lies there keeps its kind, its owner and its mode."""

from __future__ import annotations

import errno
import os
import socket
import stat
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from labbench.errors import LabbenchError
from labbench.outputs import fill_output, make_folder, write_output

NEW = b"new " * 50_000
"""More than a pipe holds."""

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files to others")
as_user = pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def heard(open_: Callable[[], int], write: Callable[[], None]) -> bytes:
    """What a reader at the other end gets while something is written."""
    got: list[bytes] = []

    def read() -> None:
        with os.fdopen(open_(), "rb") as file:
            got.append(file.read())

    reader = threading.Thread(target=read)
    reader.start()
    write()
    reader.join(10)
    return b"".join(got)


def test_a_new_file_has_the_mode_of_the_umask(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        write_output(tmp_path / "a", NEW)
    finally:
        os.umask(before)
    assert (tmp_path / "a").read_bytes() == NEW
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o640
    assert names(tmp_path) == {"a"}


@pytest.mark.parametrize("mode", [0o600, 0o664, 0o755])
def test_a_file_that_is_replaced_keeps_its_mode(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "a"
    path.write_text("old")
    path.chmod(mode)
    os.utime(path, (1, 1))
    write_output(path, "né")
    assert path.read_bytes() == "né".encode()
    assert stat.S_IMODE(path.stat().st_mode) == mode
    assert path.stat().st_mtime > 1, "it is of now"
    assert names(tmp_path) == {"a"}


def test_nobody_reads_a_private_file_while_it_is_written(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.touch(0o600)
    modes = []
    fill_output(path, lambda file: modes.append(stat.S_IMODE(file.stat().st_mode)))
    assert modes == [0o600]


def test_attributes_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_text("old")
    try:
        os.setxattr(path, "user.labbench", b"mine")
    except (OSError, AttributeError):
        pytest.skip("this file system has no attributes")
    write_output(path, NEW)
    assert os.getxattr(path, "user.labbench") == b"mine"


@as_root
def test_an_owner_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_text("old")
    os.chown(path, 12_345, 23_456)
    write_output(path, NEW)
    assert (path.stat().st_uid, path.stat().st_gid) == (12_345, 23_456)


@as_root
def test_a_colleagues_file_that_may_be_written_stays_the_colleagues() -> None:
    script = (
        "import os, sys; from pathlib import Path; from labbench.outputs import write_output;"
        "os.setgroups([]); os.setgid(23456); os.setuid(23456);"
        "write_output(Path(sys.argv[1]), 'new')"
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a"
        path.write_text("old, and longer than the new")
        os.chown(path, 12_345, 12_345)
        path.chmod(0o666)
        path.parent.chmod(0o777)
        subprocess.run([sys.executable, "-c", script, str(path)], check=True)
        assert path.read_text() == "new"
        assert path.stat().st_uid == 12_345
        assert names(path.parent) == {"a"}


def test_a_second_name_stays_a_name_of_the_same_file(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_text("old")
    os.link(path, tmp_path / "b")
    for content in ("longer", "new"):
        write_output(path, content)
        assert (tmp_path / "b").read_text() == content


@pytest.mark.parametrize("there", [True, False], ids=["a file", "nothing yet"])
def test_a_link_is_written_through(tmp_path: Path, there: bool) -> None:
    (tmp_path / "far").mkdir()
    real = tmp_path / "far" / "real"
    if there:
        real.write_text("old")
    (tmp_path / "near").symlink_to("far/real")
    (tmp_path / "link").symlink_to(tmp_path / "near")
    write_output(tmp_path / "link", NEW)
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "near").is_symlink()
    assert real.read_bytes() == NEW
    assert names(real.parent) == {"real"}


def test_a_pipe_is_written_into(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    (tmp_path / "link").symlink_to(pipe)
    for path in (pipe, tmp_path / "link"):
        got = heard(lambda: os.open(pipe, os.O_RDONLY), lambda path=path: write_output(path, NEW))
        assert got == NEW
        assert stat.S_ISFIFO(path.stat().st_mode)
    assert names(tmp_path) == {"link", "pipe"}


def test_a_pipe_that_nobody_reads_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("labbench.outputs.READER_WAIT_S", 0.1)
    os.mkfifo(tmp_path / "pipe")
    assert "nobody reads this pipe" in refused(tmp_path / "pipe")
    assert stat.S_ISFIFO((tmp_path / "pipe").stat().st_mode)


def test_a_device_is_written_into(tmp_path: Path) -> None:
    near, far = os.openpty()
    try:
        path = tmp_path / "tty"
        path.symlink_to(os.ttyname(far))
        write_output(path, "new")
        assert os.read(near, 100) == b"new"
        assert stat.S_ISCHR(Path(os.ttyname(far)).stat().st_mode)
    finally:
        os.close(near)
        os.close(far)


@as_root
def test_a_devices_node_stays_one(tmp_path: Path) -> None:
    node = tmp_path / "null"
    try:
        os.mknod(node, stat.S_IFCHR | 0o666, os.makedev(1, 3))
        with node.open("wb"):
            pass
    except OSError:
        pytest.skip("no devices can be made here")
    write_output(node, NEW)
    assert stat.S_ISCHR(node.stat().st_mode)
    assert names(tmp_path) == {"null"}


def test_an_open_descriptor_is_written_into(tmp_path: Path) -> None:
    end, start = os.pipe()
    (tmp_path / "link").symlink_to(f"/dev/fd/{start}")

    def write() -> None:
        write_output(Path(f"/dev/fd/{start}"), "one ")
        write_output(tmp_path / "link", "two ")
        write_output(Path(f"/proc/self/fd/{start}"), "three")
        os.close(start)

    assert heard(lambda: end, write) == b"one two three"


def test_a_socket_is_written_into() -> None:
    near, far = socket.socketpair()
    with near, far:
        write_output(Path(f"/dev/fd/{near.fileno()}"), "new")
        assert far.recv(10) == b"new"


@pytest.mark.parametrize("place", ["-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"])
def test_what_stdout_leads_to_is_written_on(tmp_path: Path, place: str) -> None:
    script = (
        "import sys; from pathlib import Path; from labbench.outputs import write_output;"
        "print('before'); write_output(Path(sys.argv[1]), b'new\\n');"
        "write_output(Path(sys.argv[1]), 'text\\n'); print('after')"
    )
    log = tmp_path / "log"
    log.write_text("old\n")
    with log.open("ab") as stdout:
        subprocess.run([sys.executable, "-c", script, place], stdout=stdout, check=True)
    assert log.read_text() == "old\nbefore\nnew\ntext\nafter\n"
    assert names(tmp_path) == {"log"}


def test_a_process_of_the_shell_gets_it(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from labbench.outputs import write_output;"
        "write_output(Path(sys.argv[1]), 'new')"
    )
    line = f'"$0" -c "$1" >(cat > "{tmp_path}/got"); wait $!'
    subprocess.run(["bash", "-c", line, sys.executable, script], check=True)
    assert (tmp_path / "got").read_text() == "new"


def refused(path: Path, write: Callable[[Path, bytes], None] = write_output) -> str:
    with pytest.raises(LabbenchError) as caught:
        write(path, NEW)
    assert type(caught.value) is LabbenchError
    return str(caught.value)


def test_where_nothing_can_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "dangling").symlink_to("gone/a")
    cases = {
        "": "is a folder. Name a file",
        "gone/a": f"there is no folder {tmp_path}/gone.",
        "dangling": f"there is no folder {tmp_path}/gone.",
        "file/a": "Not a directory",
        "loop": "Too many levels",
        "a" * 300: "File name too long",
    }
    for name, said in cases.items():
        assert said in refused(tmp_path / name), name
    assert names(tmp_path) == {"file", "loop", "dangling"}
    assert "Bad file descriptor" in refused(Path("/dev/fd/987"))
    # A long name is no trouble of its own.
    write_output(tmp_path / ("a" * 250), NEW)


@as_user
def test_what_may_not_be_written(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_text("old")
    path.chmod(0o400)
    assert "may not be written" in refused(path) or "denied" in refused(path)
    assert path.read_text() == "old"
    tmp_path.chmod(0o500)
    assert "Permission denied" in refused(tmp_path / "b")


def test_a_full_disk_leaves_the_old_file(tmp_path: Path) -> None:
    def full(file: Path) -> None:
        file.write_bytes(b"half")
        raise OSError(errno.ENOSPC, "No space left on device")

    path = tmp_path / "a"
    for there in (set(), {"a"}):
        with pytest.raises(LabbenchError, match="the disk is full") as caught:
            fill_output(path, full)
        assert "resume" not in str(caught.value), "no run failed"
        assert names(tmp_path) == there
        path.write_text("old")
    assert path.read_text() == "old"


def test_a_program_that_writes_by_name_needs_a_plain_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert "no plain file" in refused(tmp_path / "pipe", lambda path, _: fill_output(path, print))


def test_folders_are_made_where_links_lead(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("far/folder")
    make_folder(tmp_path / "link")
    assert (tmp_path / "far" / "folder").is_dir()
    (tmp_path / "file").touch()
    for place in (tmp_path / "file", tmp_path / "file" / "x", Path("-")):
        with pytest.raises(LabbenchError, match="-o"):
            make_folder(place)
