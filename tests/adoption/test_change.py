"""Changes: shown as a diff that git applies, written all or none."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from opslint.adoption.change import Change, NotWrittenError, diff, text_of, write
from opslint.files import Disk


def tree(root: Path) -> dict[str, str]:
    """Every file and empty folder below a folder."""
    return {
        path.relative_to(root).as_posix(): path.read_bytes().decode() if path.is_file() else "/"
        for path in sorted(root.rglob("*"))
        if path.is_file() or not any(path.iterdir())
    }


def test_every_change_is_written_and_permissions_stay(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text("one\n")
    (tmp_path / "a.yml").chmod(0o640)
    write(tmp_path, [Change("a.yml", "one\n", "two\n"), Change("new/folder/b.yml", None, "b\n")])
    assert tree(tmp_path) == {"a.yml": "two\n", "new/folder/b.yml": "b\n"}
    assert (tmp_path / "a.yml").stat().st_mode & 0o777 == 0o640


def test_a_file_in_the_way_of_a_folder_lets_nothing_be_written(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text("one\n")
    (tmp_path / "file").write_text("")
    before = tree(tmp_path)
    changes = [Change("a.yml", "one\n", "two\n"), Change("new/deep/b.yml", None, "b\n"), Change("file/c.yml", None, "c\n")]
    with pytest.raises(NotWrittenError, match=r"file/c.yml: "):
        write(tmp_path, changes)
    assert tree(tmp_path) == before


def test_what_fails_in_the_middle_undoes_what_was_written_before(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text("one\n")
    too_long = "n" * 255  # a name that fits, but not with what a temporary file needs
    changes = [Change("a.yml", "one\n", "two\n"), Change("new/deep/b.yml", None, "b\n"), Change(f"other/{too_long}", None, "c\n")]
    with pytest.raises(NotWrittenError, match=rf"other/{too_long}: cannot be written: File name too long"):
        write(tmp_path, changes)
    assert tree(tmp_path) == {"a.yml": "one\n"}


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_to_undoes_everything(tmp_path: Path) -> None:
    (tmp_path / "closed").mkdir(mode=0o555)
    with pytest.raises(NotWrittenError, match=r"closed/b.yml: cannot be written: Permission denied"):
        write(tmp_path, [Change("a.yml", None, "a\n"), Change("closed/b.yml", None, "b\n")])
    assert tree(tmp_path) == {"closed": "/"}


def test_a_file_that_is_not_as_it_was_shown_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text("theirs\n")
    with pytest.raises(NotWrittenError, match=r"a.yml: was changed meanwhile; run it again"):
        write(tmp_path, [Change("b.yml", None, "b\n"), Change("a.yml", None, "ours\n")])
    assert tree(tmp_path) == {"a.yml": "theirs\n"}


@pytest.mark.parametrize("link", ["file", "folder"])
def test_a_link_out_of_the_project_is_not_followed(tmp_path: Path, link: str) -> None:
    root, outside = tmp_path / "root", tmp_path / "outside"
    root.mkdir()
    outside.mkdir()
    if link == "file":
        (root / "a.yml").symlink_to(outside / "a.yml")
    else:
        (root / "a").symlink_to(outside)
    with pytest.raises(NotWrittenError, match=r"leads out of the project by a symbolic link"):
        write(root, [Change("a.yml" if link == "file" else "a/b.yml", None, "x\n")])
    assert tree(outside) == {}


def test_what_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_bytes(b"a: \xff\n")
    with pytest.raises(NotWrittenError, match=r"a.yml: is not UTF-8: byte 4"):
        text_of(Disk(tmp_path), "a.yml")
    assert text_of(Disk(tmp_path), "b.yml") is None


@pytest.mark.parametrize(
    "change",
    [
        Change("a.yml", None, "a: 1\nb: 2\n"),
        Change("a.yml", "a: 1\r\nb: 2\r\n", "a: 1\r\nb: 2\r\nc: 3\r\n"),
        Change("a.yml", "a: 1", "a: 1\nb: 2\n"),
        Change("a.yml", "a: \f1\nb: 2\n", "a: \f1\nb: 2\nc"),
    ],
    ids=["new", "added", "no line break at the end", "none afterwards"],
)
def test_git_applies_what_is_shown(tmp_path: Path, change: Change) -> None:
    if change.before is not None:
        (tmp_path / "a.yml").write_bytes(change.before.encode())
    returns = "\r" if "\r" in change.after else ""
    patch = "".join(f"{line}{returns if line[:1] in '+- ' and line[:3] not in ('+++', '---') else ''}\n" for line in diff(change))
    subprocess.run(["git", "apply"], input=patch.encode(), cwd=tmp_path, check=True)
    assert (tmp_path / "a.yml").read_bytes().decode() == change.after
