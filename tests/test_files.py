"""Files from disk, a revision and memory; nothing outside the root, nothing that blocks, nothing too large."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from opslint import git
from opslint.files import LIMIT, Disk, Memory, Overlay, Revision, UnreadableError


def commit(root: Path, message: str = "x") -> None:
    for arguments in (["init", "-q"], ["add", "-A"], ["-c", "user.name=x", "-c", "user.email=x@x", "commit", "-qm", message]):
        subprocess.run(["git", *arguments], cwd=root, check=True)


def test_disk_leaves_out_what_is_installed(tmp_path: Path) -> None:
    for path in ("artisan", "app/a.php", "vendor/x/y.php", "node_modules/z.js", "storage/logs/l.log", "docs/storage/s.md"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text("")
    assert Disk(tmp_path).paths() == ("app/a.php", "artisan", "docs/storage/s.md")
    assert Disk(tmp_path).exists("vendor/x/y.php")


def test_links_are_followed_only_inside(tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    (tmp_path / "secret").write_text("s")
    (root / "a").write_text("a")
    (root / "inside").symlink_to("a")
    (root / "outside").symlink_to(tmp_path / "secret")
    (root / "loop").symlink_to("loop")
    assert Disk(root).paths() == ("a", "inside")
    assert Disk(root).read("inside") == b"a"
    with pytest.raises(UnreadableError, match="outside"):
        Disk(root).read("outside")


def test_a_pipe_is_not_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "supervisor.conf")
    assert Disk(tmp_path).paths() == ()
    with pytest.raises(UnreadableError, match="regular"):
        Disk(tmp_path).read("supervisor.conf")


def test_a_folder_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "folder.neon").mkdir()
    with pytest.raises(UnreadableError, match="it is not a regular file"):
        Disk(tmp_path).read("folder.neon")


def test_size_is_bounded(tmp_path: Path) -> None:
    (tmp_path / "big.yml").write_bytes(b"x" * (LIMIT + 1))
    with pytest.raises(UnreadableError, match="more than"):
        Disk(tmp_path).read("big.yml")
    with pytest.raises(UnreadableError, match="more than"):
        Memory({"big.yml": "x" * (LIMIT + 1)}).read("big.yml")


def test_revision_reads_what_was_committed(tmp_path: Path) -> None:
    (tmp_path / "run.sh").write_text("one")
    (tmp_path / "run.sh").chmod(0o755)
    commit(tmp_path)
    (tmp_path / "run.sh").write_text("two")
    files = Revision(tmp_path, git.commit(tmp_path, "HEAD") or "")
    assert files.paths() == ("run.sh",)
    assert files.read("run.sh") == b"one"
    assert files.mode("run.sh") == Disk(tmp_path).mode("run.sh") == 0o100755
    with pytest.raises(FileNotFoundError):
        files.read("other")


def test_revision_of_a_folder_below_the_repository(tmp_path: Path) -> None:
    (tmp_path / "api").mkdir()
    (tmp_path / "api" / "a").write_text("a")
    (tmp_path / "b").write_text("b")
    commit(tmp_path)
    files = Revision(tmp_path / "api", git.commit(tmp_path, "HEAD") or "")
    assert files.paths() == ("a",)
    assert files.read("a") == b"a"


def test_no_git_gives_no_modes(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("a")
    assert Disk(tmp_path).mode("a") is None


def test_overlay_lays_buffers_over_files() -> None:
    files = Overlay(Memory({"a": "1", "b": "2"}), Memory({"b": "3"}))
    assert files.paths() == ("a", "b")
    assert (files.read("a"), files.read("b")) == (b"1", b"3")


def test_hooks_and_filters_of_the_checkout_do_not_run(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("a")
    commit(tmp_path)
    ran = tmp_path.parent / "ran"
    hostile = f"touch {ran}"
    (tmp_path / ".gitattributes").write_text("*.txt diff=evil filter=evil\n")
    for name, value in {
        "core.fsmonitor": hostile, "diff.evil.textconv": hostile, "filter.evil.smudge": hostile,
        "filter.evil.clean": hostile, "core.sshCommand": hostile, "core.pager": hostile,
    }.items():  # fmt: skip
        subprocess.run(["git", "config", name, value], cwd=tmp_path, check=True)
    head = git.commit(tmp_path, "HEAD") or ""
    Disk(tmp_path).mode("a.txt")
    Revision(tmp_path, head).read("a.txt")
    git.merge_base(tmp_path, "HEAD", head)
    git.history(tmp_path)
    assert not ran.exists()


@pytest.mark.parametrize("name", ["--output=x", "-x", "a..b", "", "a b", "a;b", "$(x)"])
def test_a_revision_is_never_an_option_or_a_range(name: str, tmp_path: Path) -> None:
    with pytest.raises(git.GitError):
        git.revision(name)
    assert git.commit(tmp_path, name) is None
