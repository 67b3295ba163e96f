"""Files, folders and zips → documents; hostile zips → findings, never a crash."""

from __future__ import annotations

import os
import stat
import subprocess
import tempfile
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edefter.errors import ConfigError
from edefter.messages import catalogue
from edefter.model.finding import Severity
from edefter.validation.inputs import Input, Limits, open_inputs
from edefter.validation.inputs.zips import ZipReader
from tests.support import zips

Y = "1234567808-202601-Y-000000.xml"
K = "1234567808-202601-K-000000.xml"
YB = "1234567808-202601-YB-000000.xml"
GIB = "GIB-1234567808-202601-YB-000000.xml"
DATA = "<defter>Çınar İnşaat – ığşİ</defter>".encode()


def read(*paths: Path, limits: Limits | None = None) -> tuple[list[Input], int]:
    """All inputs; what they hold is compared while it is there."""
    with open_inputs(paths, limits=limits) as inputs:
        found = list(inputs)
        for item in found:
            if item.file is not None and item.file not in paths and "zip" in item.shown:
                assert item.file.is_file()
        return found, inputs.ignored


def rules(found: list[Input]) -> list[tuple[str, list[str], bool]]:
    return [(i.name, [f.rule for f in i.findings], i.file is not None) for i in found]


def contents(path: Path, limits: Limits | None = None) -> dict[str, bytes]:
    with open_inputs([path], limits=limits) as inputs:
        return {item.shown: item.file.read_bytes() for item in inputs if item.file is not None}


# folders ------------------------------------------------------------------------------------
def test_folders_are_walked_in_the_order_of_their_paths(tmp_path: Path) -> None:
    for place in (f"2026/02/{Y}", f"2026/01/{K}", f"2026/01/{GIB}", f"2026/01/{Y}", Y):
        (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / place).write_bytes(DATA)
    (tmp_path / "2026/01/yevmiye.xslt").write_text("x")
    (tmp_path / "2026/01/şirket raporu.xml").write_text("x")
    found, ignored = read(tmp_path)
    shown = [Path(item.shown).relative_to(tmp_path).as_posix() for item in found]
    assert shown == [Y, f"2026/01/{K}", f"2026/01/{Y}", f"2026/01/{GIB}", f"2026/02/{Y}"]
    assert ignored == 2


def test_a_file_that_is_named_is_judged_whatever_it_is_called(tmp_path: Path) -> None:
    odd = tmp_path / "şirket (1).xml"
    odd.write_bytes(DATA)
    found, _ = read(odd, tmp_path)
    assert [item.name for item in found] == ["şirket (1).xml"]


def test_what_two_paths_lead_to_comes_once(tmp_path: Path) -> None:
    (tmp_path / Y).write_bytes(DATA)
    found, _ = read(tmp_path / Y, tmp_path, tmp_path / "." / Y)
    assert len(found) == 1


def test_endings_may_be_in_capitals(tmp_path: Path) -> None:
    (tmp_path / Y.replace(".xml", ".XML")).write_bytes(DATA)
    zips.packed(tmp_path / "PAKET.ZIP", [(K.replace(".xml", ".Xml"), DATA)])
    found, ignored = read(tmp_path)
    assert len(found) == 2
    assert ignored == 0


def test_a_missing_path_is_an_error_before_anything_is_read(tmp_path: Path) -> None:
    (tmp_path / Y).write_bytes(DATA)
    with pytest.raises(ConfigError), open_inputs([tmp_path / Y, tmp_path / "yok"]):
        pass


def test_links_are_told_and_not_followed(tmp_path: Path) -> None:
    inside, outside = tmp_path / "ay", tmp_path / "başka"
    inside.mkdir()
    outside.mkdir()
    (outside / K).write_bytes(DATA)
    (inside / Y).write_bytes(DATA)
    (inside / "döngü").symlink_to(inside)
    (inside / "dışarı").symlink_to(outside)
    (inside / K).symlink_to(outside / K)
    (inside / "kopuk.zip").symlink_to(inside / "yok.zip")
    (inside / "notlar.txt").symlink_to(outside / K)
    found, ignored = read(inside)
    assert [(n, r) for n, r, judged in rules(found) if not judged] == [
        (K, ["FILE-01"]),
        ("döngü", ["FILE-01"]),
        ("dışarı", ["FILE-01"]),
        ("kopuk.zip", ["FILE-01"]),
    ]
    assert [item.name for item in found if item.file] == [Y]
    assert ignored == 1
    assert all(f.severity is Severity.WARNING for item in found for f in item.findings)


def test_a_link_that_the_user_names_is_followed(tmp_path: Path) -> None:
    (tmp_path / "ay").mkdir()
    (tmp_path / "ay" / Y).write_bytes(DATA)
    (tmp_path / "kısayol").symlink_to(tmp_path / "ay")
    found, _ = read(tmp_path / "kısayol")
    assert [item.name for item in found] == [Y]


def test_pipes_are_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / Y)
    found, ignored = read(tmp_path)
    assert found == []
    assert ignored == 1
    with pytest.raises(ConfigError):
        read(tmp_path / Y)


def test_a_folder_that_cannot_be_listed_is_a_finding(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "gizli").mkdir()
    (tmp_path / Y).write_bytes(DATA)
    scandir = os.scandir

    def refuse(path: str | Path):
        if str(path).endswith("gizli"):
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)  # root may list every folder
    found, _ = read(tmp_path)
    assert rules(found) == [(Y, [], True), ("gizli", ["FILE-02"], False)]


def test_a_very_deep_folder_is_walked(tmp_path: Path) -> None:
    here = os.open(tmp_path, os.O_RDONLY)
    try:
        for _ in range(1500):  # deeper than Python's stack, shorter than the longest path
            os.mkdir("a", dir_fd=here)
            deeper = os.open("a", os.O_RDONLY, dir_fd=here)
            os.close(here)
            here = deeper
    finally:
        os.close(here)
    (tmp_path / Y).write_bytes(DATA)
    found, _ = read(tmp_path)
    assert rules(found) == [(Y, [], True)]
    subprocess.run(["rm", "-rf", str(tmp_path / "a")], check=True)  # too deep for shutil.rmtree


# sound zips ---------------------------------------------------------------------------------
def test_a_zip_gives_the_order_of_the_folder_that_it_was_made_of(tmp_path: Path) -> None:
    path = zips.packed(
        tmp_path / "ay.zip",
        [(f"02/{Y}", DATA), ("oku beni.txt", b""), (Y, DATA), (f"01/{Y}", DATA), (f"01/{K}", b"k")],
    )
    found, ignored = read(path)
    shown = [item.shown.removeprefix(f"{path}/") for item in found]
    assert shown == [f"01/{K}", f"01/{Y}", f"02/{Y}", Y]
    assert ignored == 1
    assert contents(path)[f"{path}/01/{K}"] == b"k"


def test_zips_below_folders_are_read_too(tmp_path: Path) -> None:
    zips.packed(tmp_path / "1234567808-202601-YB-000000.zip", [(YB, DATA), (Y, DATA)])
    zips.packed(tmp_path / "başka.zip", [("resim.png", b"")])
    (tmp_path / K).write_bytes(DATA)
    found, ignored = read(tmp_path)
    assert [item.name for item in found] == [K, Y, YB]
    assert ignored == 1


def test_members_lie_in_a_private_folder_that_goes_away(tmp_path: Path) -> None:
    path = zips.packed(tmp_path / "a.zip", [(Y, DATA)])
    with open_inputs([path]) as inputs:
        (item,) = inputs
        assert item.file is not None
        folder = Path(tempfile.gettempdir()) / item.file.relative_to(tempfile.gettempdir()).parts[0]
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert item.file.read_bytes() == DATA
    assert not folder.exists()


def test_the_private_folder_goes_away_when_the_work_fails(tmp_path: Path) -> None:
    path = zips.packed(tmp_path / "a.zip", [(Y, DATA)])
    kept: list[Path] = []
    with pytest.raises(KeyboardInterrupt), open_inputs([path]) as inputs:
        kept += [item.file for item in inputs if item.file]
        raise KeyboardInterrupt
    assert kept
    assert not kept[0].exists()


def test_zip64_and_stored_members_and_prefixed_zips_are_read(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        with archive.open(zipfile.ZipInfo(Y), "w", force_zip64=True) as entry:
            entry.write(DATA)
        archive.writestr(K, DATA, zipfile.ZIP_STORED)
    path.write_bytes(b"#!/bin/sh\n" + path.read_bytes())
    assert set(contents(path).values()) == {DATA}
    assert len(contents(path)) == 2


@pytest.mark.parametrize(
    ("folder", "flags"), [("Şubat – ığ".encode(), 0x800), ("Ocak Ö".encode("cp437"), 0)]
)
def test_names_in_utf8_and_in_cp437(tmp_path: Path, folder: bytes, flags: int) -> None:
    path = zips.raw_named(tmp_path / "a.zip", folder + b"/" + Y.encode(), DATA, flags=flags)
    (shown,) = contents(path)
    assert shown.endswith(f"{folder.decode('utf-8' if flags else 'cp437')}/{Y}")


def test_a_ledger_that_shrinks_sixty_times_passes(tmp_path: Path) -> None:
    line = b"<gl-cor:entryDetail><gl-cor:amount>%08d.%02d</gl-cor:amount></gl-cor:entryDetail>" * 5
    data = b"".join(line % ((n * 7919, n % 100) * 5) for n in range(48_000))
    path = zips.packed(tmp_path / "a.zip", [(Y, data)])
    ratio = len(data) / path.stat().st_size
    assert len(data) > Limits().ratio_from_bytes
    assert ratio > 20
    assert contents(path) == {f"{path}/{Y}": data}


# hostile zips -------------------------------------------------------------------------------
def test_a_bomb_is_stopped_and_the_others_are_judged(tmp_path: Path) -> None:
    path = zips.packed(tmp_path / "a.zip", [(Y, bytes(60_000_000)), (K, DATA)])
    found, _ = read(path)
    assert rules(found) == [(K, [], True), (Y, ["ZIP-10"], False)]


def test_real_bytes_are_counted_not_those_that_the_zip_tells(tmp_path: Path) -> None:
    path = zips.packed(tmp_path / "a.zip", [(Y, bytes(60_000_000)), (K, DATA)])
    zips.lying_size(path, 1000)
    found, _ = read(path)
    assert rules(found) == [(K, [], True), (Y, ["ZIP-07"], False)]
    zips.lying_size(path, 60_000_001)
    small = Limits(ratio_from_bytes=60_000_000)  # the table's number alone would pass
    assert rules(read(path, limits=small)[0])[1] == (Y, ["ZIP-10"], False)


def test_limits_of_member_and_zip(tmp_path: Path) -> None:
    noise = os.urandom(2_500_000)
    path = zips.packed(tmp_path / "a.zip", [(K, noise), (Y, noise), (YB, DATA)])
    small = Limits(member_bytes=2_000_000)
    assert [r for _, r, _ in rules(read(path, limits=small)[0])] == [["ZIP-09"], ["ZIP-09"], []]
    whole = Limits(zip_bytes=4_000_000)
    assert [r for _, r, _ in rules(read(path, limits=whole)[0])] == [[], ["ZIP-11"], ["ZIP-11"]]


def test_a_full_disk_is_a_finding(tmp_path: Path) -> None:
    path = zips.packed(tmp_path / "a.zip", [(Y, DATA)])
    found, _ = read(path, limits=Limits(spare_disk_bytes=1 << 62))
    assert rules(found) == [(Y, ["ZIP-15"], False)]


def test_too_many_members_and_too_long_a_table(tmp_path: Path) -> None:
    path = zips.packed(tmp_path / "a.zip", [(f"{n}.txt", b"") for n in range(50)] + [(Y, DATA)])
    assert rules(read(path, limits=Limits(members=50))[0]) == [("a.zip", ["ZIP-12"], False)]
    assert rules(read(path, limits=Limits(directory_bytes=1000))[0]) == [
        ("a.zip", ["ZIP-12"], False)
    ]
    assert rules(read(path, limits=Limits(members=51))[0]) == [(Y, [], True)]


@pytest.mark.parametrize(
    "name",
    [
        f"/{Y}",
        f"\\{Y}",
        f"//sunucu/pay/{Y}",
        f"C:{Y}",
        f"c:\\ay\\{Y}",
        f"../{Y}",
        f"ay/../../{Y}",
        f"ay\\..\\{Y}",
        f"a\tb/{Y}",
    ],
)
def test_paths_out_of_the_zip_are_refused(tmp_path: Path, name: str) -> None:
    path = zips.packed(tmp_path / "a.zip", [(K, DATA)])
    other = zips.raw_named(tmp_path / "b.zip", name.encode(), DATA)
    found, _ = read(path, other)
    assert rules(found) == [(K, [], True), (Y, ["ZIP-02"], False)]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.zip", "b.zip"]


def test_a_hostile_path_of_another_file_is_told_too(tmp_path: Path) -> None:
    path = zips.packed(tmp_path / "a.zip", [("../../.bashrc", b"x"), (Y, DATA)])
    found, ignored = read(path)
    assert rules(found) == [("a.zip", ["ZIP-02"], False), (Y, [], True)]
    assert ignored == 1


def test_a_name_with_nul_is_refused(tmp_path: Path) -> None:
    path = zips.raw_named(tmp_path / "a.zip", f"x\0/{Y}".encode(), DATA)
    assert rules(read(path)[0]) == [(Y, ["ZIP-02"], False)]


@pytest.mark.parametrize("name", [f"ay\\{Y}", f"./{Y}", f"ay//{Y}"])
def test_a_path_written_oddly_is_told_and_judged(tmp_path: Path, name: str) -> None:
    path = zips.raw_named(tmp_path / "a.zip", name.encode(), DATA)
    found, _ = read(path)
    assert rules(found) == [(Y, ["ZIP-03"], True)]
    assert found[0].findings[0].severity is Severity.WARNING


def test_links_and_devices_are_not_unpacked(tmp_path: Path) -> None:
    device, data = zips.link("cihaz.bin")
    device.external_attr = (stat.S_IFCHR | 0o666) << 16
    path = zips.packed(tmp_path / "a.zip", [zips.link(Y), (device, data), (K, DATA)])
    found, _ = read(path)
    assert rules(found) == [
        ("a.zip", ["ZIP-04"], False),
        (K, [], True),
        (Y, ["ZIP-04"], False),
    ]


@pytest.mark.parametrize("other", [Y, Y.replace(".xml", ".XML"), f"./{Y}"])
def test_of_equal_names_none_is_judged(tmp_path: Path, other: str) -> None:
    with pytest.warns(UserWarning) if other == Y else _no_warning():
        path = zips.packed(tmp_path / "a.zip", [(Y, DATA), (K, DATA), (other, b"<x/>")])
    assert rules(read(path)[0]) == [(K, [], True), (Y, ["ZIP-05"], False)]


class _no_warning:
    def __enter__(self) -> None: ...
    def __exit__(self, *_: object) -> None: ...


@pytest.mark.parametrize("flags", [0x1, 0x41, 0x2001])
def test_encrypted_members_are_told(tmp_path: Path, flags: int) -> None:
    path = zips.flagged(zips.packed(tmp_path / "a.zip", [(Y, DATA)]), flags)
    assert rules(read(path)[0]) == [(Y, ["ZIP-06"], False)]


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_other_compressions_are_told(tmp_path: Path, method: int) -> None:
    path = zips.packed(tmp_path / "a.zip", [(Y, DATA)], method=method)
    assert rules(read(path)[0]) == [(Y, ["ZIP-08"], False)]


def test_wrong_crc_and_damaged_data(tmp_path: Path) -> None:
    stored = zips.packed(tmp_path / "a.zip", [(Y, DATA), (K, DATA)], method=zipfile.ZIP_STORED)
    deflated = zips.packed(tmp_path / "b.zip", [(Y, DATA * 99), (K, DATA)])
    for path in (stored, deflated):
        found, _ = read(zips.spoil_data(path, Y))
        assert rules(found) == [(K, [], True), (Y, ["ZIP-07"], False)]


def test_members_that_share_data_are_refused(tmp_path: Path) -> None:
    path = zips.overlapping(tmp_path / "a.zip", Y, K, DATA)
    assert rules(read(path)[0]) == [(K, ["ZIP-07"], False), (Y, ["ZIP-07"], False)]


@pytest.mark.parametrize("keep", [0, 3, 200, -30, -1])
def test_a_truncated_zip_is_told(tmp_path: Path, keep: int) -> None:
    path = zips.packed(tmp_path / "a.zip", [(Y, os.urandom(500)), (K, DATA)])
    path.write_bytes(path.read_bytes()[:keep])
    assert rules(read(path)[0]) == [("a.zip", ["ZIP-01"], False)]


def test_a_name_that_is_no_utf8_though_the_zip_says_so(tmp_path: Path) -> None:
    path = zips.raw_named(tmp_path / "a.zip", b"\xff\xfe/" + Y.encode(), DATA, flags=0x800)
    assert rules(read(path)[0]) == [("a.zip", ["ZIP-01"], False)]


def test_a_zip_in_a_zip_is_told_and_not_opened(tmp_path: Path) -> None:
    inner = zips.packed(tmp_path / "1234567808-202601-YB-000000.zip", [(YB, DATA)])
    path = zips.packed(tmp_path / "dış.zip", [(inner.name, inner.read_bytes()), (Y, DATA)])
    found, _ = read(path)
    assert rules(found) == [("dış.zip", ["ZIP-13"], False), (Y, [], True)]
    assert found[0].findings[0].severity is Severity.WARNING
    assert found[0].findings[0].value == inner.name


def test_a_named_zip_without_documents_is_told(tmp_path: Path) -> None:
    path = zips.packed(tmp_path / "a.zip", [("fatura.pdf", b""), (Y + ".bak", b"")])
    found, ignored = read(path)
    assert rules(found) == [("a.zip", ["ZIP-14"], False)]
    assert ignored == 2


def test_a_defect_of_ours_costs_one_zip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bad = zips.packed(tmp_path / "a.zip", [(Y, DATA)])
    good = zips.packed(tmp_path / "b.zip", [(K, DATA)])
    reader = ZipReader.inputs

    def trip(self: ZipReader):
        if self._path == bad:
            raise IndexError(DATA.decode())
        return reader(self)

    monkeypatch.setattr(ZipReader, "inputs", trip)
    found, _ = read(bad, good)
    assert rules(found) == [("a.zip", ["FILE-04"], False), (K, [], True)]
    assert "Çınar" not in found[0].findings[0].text("tr")


def test_an_empty_zip_is_told(tmp_path: Path) -> None:
    assert rules(read(zips.packed(tmp_path / "a.zip", []))[0]) == [("a.zip", ["ZIP-14"], False)]


def test_a_zip_of_another_name_is_known_by_its_bytes(tmp_path: Path) -> None:
    path = zips.packed(tmp_path / "gelen.dat", [(Y, DATA)])
    assert rules(read(path)[0]) == [(Y, [], True)]
    (tmp_path / "x.zip").write_bytes(DATA)
    assert rules(read(tmp_path / "x.zip")[0]) == [("x.zip", ["ZIP-01"], False)]


def test_every_rule_of_inputs_was_seen_here() -> None:
    source, _, _ = Path(__file__).read_text(encoding="utf-8").partition("def test_every_rule")
    declared = {key.removeprefix("inputs.") for key in catalogue() if key.startswith("inputs.")}
    elsewhere = {"FILE-03"}  # tests of judging many
    assert {rule for rule in declared if f'"{rule}"' not in source} == elsewhere


@settings(max_examples=300)
@given(data=st.data())
def test_no_damage_of_a_zip_is_a_crash(data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = zips.packed(
            Path(folder) / "a.zip",
            [(f"ay/{Y}", DATA * 20), (K, DATA), zips.link("bağ"), ("oku.txt", b"abc")],
        )
        whole = bytearray(path.read_bytes())
        table = whole.index(b"PK\x01\x02")
        for _ in range(data.draw(st.integers(1, 6))):
            at = data.draw(st.integers(0, len(whole) - 1) | st.integers(table, len(whole) - 1))
            whole[at] = data.draw(st.integers(0, 255))
        cut = data.draw(st.integers(0, len(whole)) | st.just(len(whole)))
        path.write_bytes(whole[:cut])
        limits = Limits(member_bytes=1_000_000, members=100)
        found, _ = read(path, limits=limits)
        for item in found:
            assert item.file is not None or item.findings
            assert "FILE-04" not in {found.rule for found in item.findings}
