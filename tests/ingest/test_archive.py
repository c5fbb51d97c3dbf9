"""Archives: unfolded in any mixture, refused when they lie or leave their folder."""

from __future__ import annotations

import gzip
import io
import zipfile

import pytest

from ingest.archive import Limits, Refusal, SourceFile, files_in


def zipped(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """The bytes of a zip."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


@pytest.fixture
def unfolded(tmp_path):
    """Unfold files below a folder."""
    aside = tmp_path / "aside"
    aside.mkdir()

    def run(*paths, limits=None):
        return list(files_in(paths, aside, limits))

    return run


def test_a_folder_with_archives_of_archives(tmp_path, unfolded):
    """Loose files, zips, zips inside zips and gzips are all reached, and each file shows the archives around it."""
    folder = tmp_path / "drop"
    (folder / "sub").mkdir(parents=True)
    (folder / "a.txt").write_bytes(b"loose")
    (folder / "sub" / "b.zip").write_bytes(zipped({"inner/c.csv": b"1,2", "d.zip": zipped({"e.csv": b"3"})}))
    (folder / "f.csv.gz").write_bytes(gzip.compress(b"4"))
    found = {file.place: file.path.read_bytes() for file in unfolded(folder)}
    assert found == {
        "a.txt": b"loose",
        "f.csv": b"4",
        "sub/b.zip > inner/c.csv": b"1,2",
        "sub/b.zip > d.zip > e.csv": b"3",
    }


def test_kind_is_told_by_content(tmp_path, unfolded):
    """A zip under another name is unfolded, a text named .zip is not."""
    (tmp_path / "x.dat").write_bytes(zipped({"m.txt": b"m"}))
    (tmp_path / "y.zip").write_bytes(b"no archive")
    assert [file.place for file in unfolded(tmp_path / "x.dat", tmp_path / "y.zip")] == ["x.dat > m.txt", "y.zip"]


@pytest.mark.parametrize("name", ["../evil.txt", "a/../../evil.txt", "/etc/evil.txt", "C:\\evil.txt", "..\\evil.txt"])
def test_a_name_that_leaves_the_folder_refuses_the_archive(tmp_path, unfolded, name):
    """A member whose name points outside is never written, and the whole archive is refused."""
    path = tmp_path / "evil.zip"
    path.write_bytes(zipped({"good.txt": b"good", name: b"evil"}))
    (refusal,) = unfolded(path)
    assert isinstance(refusal, Refusal) and "leaves the archive's folder" in refusal.reason
    assert not list(tmp_path.rglob("evil.txt"))


def test_a_zip_bomb_is_refused_while_it_unfolds(tmp_path, unfolded):
    """A member that grows beyond the ratio stops the copy, whatever size the archive states."""
    path = tmp_path / "bomb.zip"
    path.write_bytes(zipped({"zeros.txt": b"\0" * 30_000_000}))
    (refusal,) = unfolded(path)
    assert isinstance(refusal, Refusal) and "times its size" in refusal.reason


@pytest.mark.parametrize(
    ("limits", "reason"),
    [
        (Limits(total=10), "more than"),
        (Limits(member=10), "more than"),
        (Limits(members=1), "members"),
        (Limits(depth=1), "deeper"),
    ],
)
def test_limits(tmp_path, unfolded, limits, reason):
    """Total size, member size, number of members and depth are all bounded."""
    path = tmp_path / "big.zip"
    path.write_bytes(zipped({"a.txt": b"a" * 20, "b.zip": zipped({"c.txt": b"c"})}))
    assert any(isinstance(found, Refusal) and reason in found.reason for found in unfolded(path, limits=limits))


@pytest.mark.parametrize("cut", [50, -30])
def test_a_broken_archive_is_refused_in_words(tmp_path, unfolded, cut):
    """A truncated zip or gzip is one refusal that says to download it again."""
    (tmp_path / "t.zip").write_bytes(zipped({"a.txt": bytes(range(256)) * 40})[:cut])
    (tmp_path / "t.gz").write_bytes(gzip.compress(bytes(range(256)) * 400)[:cut])
    for found in unfolded(tmp_path / "t.zip", tmp_path / "t.gz"):
        assert isinstance(found, Refusal) and "download it again" in found.reason


def test_an_encrypted_archive_is_refused(tmp_path, unfolded):
    """A member that needs a password cannot be read and is refused."""
    content = bytearray(zipped({"a.txt": b"secret"}, zipfile.ZIP_STORED))
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    (tmp_path / "e.zip").write_bytes(bytes(content))
    (refusal,) = unfolded(tmp_path / "e.zip")
    assert isinstance(refusal, Refusal) and "cannot be unpacked" in refusal.reason


def test_missing_paths_and_litter(tmp_path, unfolded):
    """A path that is not there is reported; hidden files and the litter of other systems are skipped."""
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / ".DS_Store").write_bytes(b"x")
    (tmp_path / "d" / "z.zip").write_bytes(zipped({"__MACOSX/._a": b"x", "a.txt": b"a"}))
    assert [file.place for file in unfolded(tmp_path / "d") if isinstance(file, SourceFile)] == ["z.zip > a.txt"]
    (refusal,) = unfolded(tmp_path / "absent")
    assert isinstance(refusal, Refusal) and "no such file" in refusal.reason
