"""The report in a real browser: hostile texts stay texts, the page needs no script, it prints."""

from __future__ import annotations

import functools
import http.server
import io
import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from lxml import html

from edefter.validation import validate
from edefter.validation.reports import html_page
from tests.conftest import absent
from tests.support.hostile_texts import IMAGE, SCRIPT, ledger

NAME = "1234567808-202601-Y-000000.xml"
TITLE = "e-Defter doğrulama raporu"
LOGGED = ("--enable-logging=stderr",)
VIOLATION = b"Content Security Policy"  # how Chromium's log names what a policy stopped


@pytest.fixture(scope="module")
def chromium() -> str:
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        absent("system program chromium (Debian package chromium)")
    assert path is not None
    return path


def run(chromium: str, profile: Path, *words: str) -> subprocess.CompletedProcess[bytes]:
    """Chromium without a window, in a profile of its own."""
    return subprocess.run(
        [
            chromium,
            "--headless",
            "--no-sandbox",  # as root, the sandbox does not start
            "--disable-gpu",
            "--disable-dev-shm-usage",
            f"--user-data-dir={profile}",
            "--virtual-time-budget=3000",
            *words,
        ],
        check=True,
        capture_output=True,
        timeout=120,
    )


def dom(chromium: str, profile: Path, url: str) -> html.HtmlElement:
    """The document as the browser holds it after scripts had their chance."""
    return html.fromstring(run(chromium, profile, "--dump-dom", url).stdout.decode())


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    sink = io.BytesIO()
    html_page([validate(io.BytesIO(ledger()), NAME)], sink)
    path = tmp_path_factory.mktemp("page") / "rapor.html"
    path.write_bytes(sink.getvalue())
    return path


@pytest.fixture
def server(tmp_path: Path) -> Iterator[tuple[str, Path, list[str]]]:
    """A web server on this machine: address, its folder, and the paths that were asked for."""
    asked: list[str] = []

    class Handler(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            asked.append(self.path)

    folder = tmp_path / "www"
    folder.mkdir()
    handler = functools.partial(Handler, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as httpd:
        threading.Thread(target=httpd.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{httpd.server_address[1]}", folder, asked
        httpd.shutdown()


def test_hostile_texts_stay_texts(chromium: str, page: Path, tmp_path: Path) -> None:
    root = dom(chromium, tmp_path, page.as_uri())
    assert root.findtext(".//title") == TITLE
    assert root.xpath("//script | //img | //@onerror") == []
    shown = root.text_content()
    assert SCRIPT[:39] in shown
    assert IMAGE[:30] in shown
    assert "\u202e" not in shown


def test_the_policy_stops_what_escaping_would_have_let_through(
    chromium: str, page: Path, tmp_path: Path
) -> None:
    """The same page with the texts put in unescaped; without its policy it is taken over."""
    broken = page.read_text(encoding="utf-8").replace("</main>", SCRIPT + IMAGE[2:] + "</main>")
    guarded, bare = tmp_path / "guarded.html", tmp_path / "bare.html"
    guarded.write_text(broken, encoding="utf-8")
    start = broken.index("<meta http-equiv")
    bare.write_text(broken[:start] + broken[broken.index(">", start) + 1 :], encoding="utf-8")
    done = run(chromium, tmp_path / "1", *LOGGED, "--dump-dom", guarded.as_uri())
    assert html.fromstring(done.stdout.decode()).findtext(".//title") == TITLE
    assert VIOLATION in done.stderr
    assert dom(chromium, tmp_path / "2", bare.as_uri()).findtext(".//title") == "PWNED"


def test_the_page_asks_for_nothing_else_and_its_style_is_applied(
    chromium: str, page: Path, tmp_path: Path, server: tuple[str, Path, list[str]]
) -> None:
    address, folder, asked = server
    shutil.copy(page, folder / "rapor.html")
    done = run(chromium, tmp_path / "p", *LOGGED, "--dump-dom", f"{address}/rapor.html")
    assert {path for path in asked if path != "/favicon.ico"} == {"/rapor.html"}
    assert VIOLATION not in done.stderr


def test_it_prints_on_a4(chromium: str, page: Path, tmp_path: Path, tool) -> None:
    target = tmp_path / "rapor.pdf"
    run(
        chromium,
        tmp_path / "p",
        f"--print-to-pdf={target}",
        "--no-pdf-header-footer",
        page.as_uri(),
    )
    info = subprocess.run(
        [tool("pdfinfo", "poppler-utils"), str(target)], capture_output=True, text=True, check=True
    ).stdout
    assert "(A4)" in info
    text = subprocess.run(
        [tool("pdftotext", "poppler-utils"), "-layout", str(target), "-"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    for heading in ("Dosyalar", "Kurallara göre", "Fişlere göre"):
        assert heading in text
    assert "1/" in text.replace(" ", "")  # pages are numbered
