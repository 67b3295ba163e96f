"""`edefter validate`: inputs, formats, exit codes, interruption, without any configuration."""

from __future__ import annotations

import csv
import io
import json
import os
import pty
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from edefter.cli.main import run
from edefter.model.documents import Kind
from tests.support import zips
from tests.support.hostile_texts import ledger
from tests.unit.validation.documents import document, journal, put, spoiled

TAX = "1234567808"
SALES = "(//gl-cor:entryDetail)[6]/gl-cor:amount"  # 600, credit: what the ledgers have
SECRETS = ("Çınar İnşaat", "Gülşah Öztürk", "fatura")


def name(kind: Kind, part: int = 0) -> str:
    return f"{TAX}-202601-{kind}-{part:06d}.xml"


def command(*words: str | Path) -> list[str]:
    return [sys.executable, "-m", "edefter", "validate", *map(str, words)]


def validate(
    *words: str | Path, cwd: Path | None = None, **environ: str
) -> subprocess.CompletedProcess[str]:
    """`edefter validate words…`."""
    return subprocess.run(
        command(*words),
        cwd=cwd,
        check=False,
        capture_output=True,
        text=True,
        env={**os.environ, "EDEFTER_LANG": "tr", **environ},
    )


@pytest.fixture
def here(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str]]:
    """Runs the command line in this process, for many short runs: exit code and output."""

    def call(*words: str | Path) -> tuple[int, str]:
        capsys.readouterr()
        return run(["validate", *map(str, words)]), capsys.readouterr().out

    return call


@pytest.fixture
def month(tmp_path: Path) -> Path:
    """A month folder: yevmiye spoilt, kebir good, both berats in a zip."""
    folder = tmp_path / "Ocak – ığş"
    folder.mkdir()
    (folder / name(Kind.Y)).write_bytes(spoiled(Kind.Y, put("//gl-cor:documentType", "fatura")))
    (folder / name(Kind.K)).write_bytes(document(Kind.K))
    (folder / "yevmiye.xslt").write_text("x")
    zips.packed(
        folder / f"{TAX}-202601-YB-000000.zip",
        [(name(kind), spoiled(kind, put(SALES, "120.00"))) for kind in (Kind.YB, Kind.KB)],
    )
    return folder


def test_screen_of_a_month(month: Path) -> None:
    done = validate(month)
    assert done.returncode == 1, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0] == f"{month}/"
    assert lines[1] == f"✓ {name(Kind.K)}: geçerli"
    assert lines[2] == f"✗ {name(Kind.Y)}: geçersiz, 4 hata, 4 uyarı"
    assert "  YK-STR-10 uyarı sıkı kural, 4 bulgu" in lines
    assert f"{month}/{TAX}-202601-YB-000000.zip/" in lines
    assert "Adı e-Defter adı olmayan 1 dosyaya bakılmadı." in lines
    assert any(line.startswith("4 belge değerlendirildi: 3 geçerli, 1 geçersiz.") for line in lines)


def test_findings_by_voucher_and_in_english(month: Path) -> None:
    done = validate(month / name(Kind.Y), "--group", "voucher", EDEFTER_LANG="en")
    lines = [line.strip() for line in done.stdout.splitlines()]
    assert "Voucher F000001, entry 1" in lines
    assert any(line.startswith("YK-STR-10 Line 1 (100.01), 2 (600.01): Document") for line in lines)


def test_a_clean_month_ends_with_zero(month: Path) -> None:
    (month / name(Kind.Y)).write_bytes(document(Kind.Y))
    done = validate(month, "--own", "--jobs", "2")
    assert done.returncode == 0, done.stdout
    assert "4 belge değerlendirildi; hepsi geçerli." in done.stdout


def test_documents_are_compared_with_each_other(month: Path, here) -> None:
    (month / name(Kind.Y)).write_bytes(document(Kind.Y).replace(b">30.50<", b">40.50<"))
    code, told = here(month)
    assert code == 0
    after = told.partition("Dosyalar arası\n")[2].splitlines()
    assert after[0].startswith(f"! {TAX}: uyuşmuyor")
    assert any("yevmiyede “40.50”, büyük defterde “30.50”" in line for line in after)
    assert any(line.strip().startswith(f"{name(Kind.K)}, Fiş F000002") for line in after)
    code, told = here(month, "--own", "--format", "jsonl")
    assert code == 1
    cross = [json.loads(line) for line in told.splitlines() if '"cross": true' in line]
    assert [(item["file"], item["ok"]) for item in cross] == [(TAX, False)]


def test_limit_keeps_the_counts_true(tmp_path: Path) -> None:
    path = tmp_path / name(Kind.Y)
    path.write_bytes(b"".join(journal(40)).replace(b">invoice<", b">fatura<"))
    done = validate(path, "--limit", "2")
    assert "XSD hata GİB şeması, 80 bulgu, 2 tanesi yazıldı" in done.stdout
    assert done.stdout.count("Fiş F0000") == 4
    default = validate(path)
    assert default.stdout.count("Fiş F0000") == 40


def test_json_lines_go_to_standard_output_alone(month: Path) -> None:
    done = validate(month, "--format", "jsonl")
    records = [json.loads(line) for line in done.stdout.splitlines()]
    assert [r["file"] for r in records if r["type"] == "summary"] == [
        name(Kind.K), name(Kind.Y), name(Kind.KB), name(Kind.YB), TAX
    ]  # fmt: skip
    assert records[-1] == {"type": "end", "ignored": 1}
    assert done.returncode == 1


def test_format_follows_the_name_of_the_output(month: Path, tmp_path: Path) -> None:
    begin_with = {".html": b"<!DOCTYPE html>", ".csv": b"\xef\xbb\xbf", ".json": b"["}
    for ending, begins in begin_with.items():
        output = tmp_path / f"rapor{ending}"
        output.write_bytes(b"older")
        done = validate(month, "--output", output)
        assert done.returncode == 1
        assert output.read_bytes().startswith(begins)
        assert f"Rapor yazıldı: {output}" in done.stdout
        assert "Fiş F000001" not in done.stdout
    plain = tmp_path / "rapor.txt"
    validate(month, "--output", plain)
    assert "Fiş F000001" in plain.read_text(encoding="utf-8")
    assert [p.name for p in tmp_path.iterdir() if "part-tmp" in p.name] == []


def test_csv_separator(month: Path) -> None:
    done = validate(month, "--format", "csv", "--separator", ",")
    rows = list(csv.reader(io.StringIO(done.stdout.removeprefix("\ufeff"))))
    assert rows[0][0] == "Kural"
    assert {row[0] for row in rows[1:]} == {"XSD", "YK-STR-10"}


@pytest.mark.parametrize("form", ["table", "json", "jsonl", "csv", "html"])
def test_redacted_reports_tell_places_and_nothing_else(month: Path, form: str, here) -> None:
    _, plain = here(month, "--format", form)
    assert SECRETS[2] in plain
    code, told = here(month, "--format", form, "--redact")
    assert code == 1
    for secret in (*SECRETS, str(month), "ığş"):
        assert secret not in told
    assert "F000001" in told
    assert TAX in told
    _, masked = here(month, "--format", form, "--mask-tax-numbers")
    assert TAX not in masked
    assert "mükellef1-202601-Y-000000.xml" in masked
    assert SECRETS[2] not in masked


def test_hostile_texts_do_not_reach_the_terminal(tmp_path: Path) -> None:
    path = tmp_path / name(Kind.Y)
    path.write_bytes(ledger())
    odd = tmp_path / "\x1b[2J\u202e.xml"
    odd.write_bytes(b"")
    done = validate(path, odd)
    assert all(char.isprintable() or char == "\n" for char in done.stdout)
    assert "[2J" in done.stdout


@pytest.mark.parametrize(
    "words",
    [
        ("yok.xml",),
        (".", "--json", "--format", "csv"),
        (".", "--format", "pdf"),
        (".", "--separator", "|", "--format", "csv"),
        (".", "--output", "."),
        (".", "--output", name(Kind.Y)),
        (".", "--output", "kayıtlarım.xml"),
        (".", "--output", "yok/rapor.html"),
        (".", "--engine", "official", "--redact"),
        (".", "--engine", "official"),
        (".", "--jobs", "0"),
        (".", "--limit", "0"),
        ("boş",),
    ],
)
def test_wrong_usage_changes_nothing(
    tmp_path: Path, words: tuple[str, ...], here, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / name(Kind.Y)).write_bytes(document(Kind.Y))
    (tmp_path / "boş").mkdir()
    mine = tmp_path / "kayıtlarım.xml"
    mine.write_bytes(document(Kind.Y))
    given = (words[0], *words[1:]) if "kayıtlarım.xml" not in words else ("kayıtlarım.xml", *words)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert here(*given)[0] == 2
    assert mine.read_bytes() == document(Kind.Y)
    assert (tmp_path / name(Kind.Y)).read_bytes() == document(Kind.Y)


def test_an_error_is_json_where_the_result_would_be(tmp_path: Path) -> None:
    done = validate(tmp_path / "yok", "--format", "jsonl")
    assert json.loads(done.stdout)["exit_code"] == 2


def test_links_alone_are_told_and_are_nothing_to_judge(tmp_path: Path) -> None:
    (tmp_path / name(Kind.Y)).symlink_to("/dev/null")
    done = validate(tmp_path)
    assert done.returncode == 2
    assert "FILE-01" in done.stdout


def test_a_hostile_zip_is_a_finding_and_leaves_nothing(tmp_path: Path) -> None:
    path = zips.packed(
        tmp_path / "a.zip",
        [(f"../{name(Kind.Y)}", document(Kind.Y)), (name(Kind.K), document(Kind.K))],
    )
    place = tmp_path / "tmp"
    place.mkdir()
    done = validate(path, TMPDIR=str(place))
    assert done.returncode == 1
    assert "ZIP-02" in done.stdout
    assert f"✓ {name(Kind.K)}: geçerli" in done.stdout
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.zip", "tmp"]
    assert list(place.iterdir()) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_it_leaves_nothing_behind(tmp_path: Path, number: signal.Signals) -> None:
    packed = zips.packed(tmp_path / "a.zip", [(name(Kind.K), document(Kind.K))])
    place = tmp_path / "tmp"
    place.mkdir()
    with (tmp_path / "büyük.xml").open("wb") as sink:
        for chunk in journal(20_000):
            sink.write(chunk)
    output = tmp_path / "rapor.html"
    running = subprocess.Popen(
        command(packed, tmp_path / "büyük.xml", "--kind", "Y", "--output", output),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "TMPDIR": str(place), "EDEFTER_LANG": "tr"},
    )
    deadline = time.monotonic() + 30
    while not list(place.rglob("*.xml")):  # the zip is unpacked, so judging has begun
        assert time.monotonic() < deadline
        time.sleep(0.02)
    time.sleep(0.3)
    running.send_signal(number)
    _, err = running.communicate(timeout=30)
    assert running.returncode == 3, err
    assert err.decode().startswith("Kesildi")
    assert list(place.iterdir()) == []
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.zip", "büyük.xml", "tmp"]


def test_who_stops_reading_gets_no_error(tmp_path: Path) -> None:
    for part in range(1, 30):
        (tmp_path / name(Kind.K, part)).write_bytes(document(Kind.K))
    running = subprocess.Popen(
        command(tmp_path, "--format", "jsonl"), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert running.stdout is not None
    assert running.stderr is not None
    running.stdout.readline()
    running.stdout.close()
    assert running.stderr.read() == b""
    assert running.wait(timeout=60) == 0


def test_a_terminal_sees_progress_and_whole_lines(month: Path) -> None:
    master, slave = pty.openpty()
    running = subprocess.Popen(
        command(month), stdout=slave, stderr=slave, env={**os.environ, "TERM": "xterm"}
    )
    os.close(slave)
    seen = b""
    while True:
        try:
            chunk = os.read(master, 65536)
        except OSError:
            break
        if not chunk:
            break
        seen += chunk
    os.close(master)
    assert running.wait(timeout=60) == 1
    text = seen.decode()
    assert "değerlendiriliyor" in text
    assert name(Kind.K) in text
