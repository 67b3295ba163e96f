"""Reading the settings: file, environment, origins, and every problem at once."""

from __future__ import annotations

import traceback
from pathlib import Path

import pytest

from edefter.config.load import absolute_sqlite, load_settings, user_config_dir
from edefter.config.problems import ConfigProblems
from edefter.config.settings import Settings
from edefter.errors import ConfigError, ExitCode
from edefter.model.environment import Environment


@pytest.fixture
def write(tmp_path: Path):
    def written(text: str) -> Path:
        path = tmp_path / "Şirket ayarları" / "edefter.toml"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(text.encode())
        return path

    return written


def problems(path: Path, environ: dict[str, str] | None = None) -> ConfigProblems:
    with pytest.raises(ConfigProblems) as caught:
        load_settings(path, environ=environ or {})
    return caught.value


def test_file_environment_and_default_each_know_their_origin(write) -> None:
    path = write('environment = "test"\n[gib]\nbase_url = "https://a"\nproxy = "p"\n')
    found = load_settings(
        path,
        environ={
            "EDEFTER_GIB__PROXY": "http://vekil:3128",
            "EDEFTER_CLOCK__WARN_S": "1.5",
            "EDEFTER_CLOCK__SERVERS": "a, b:1123 ,c",
            "EDEFTER_PORTAL__ENABLED": "false",
            "EDEFTER_LANG": "en",
            "PATH": "/bin",
        },
    )
    assert found.path == path
    assert found.settings.environment is Environment.TEST
    assert found.settings.gib.base_url == "https://a"
    assert found.settings.gib.proxy == "http://vekil:3128"
    assert found.settings.clock.warn_s == 1.5
    assert found.settings.clock.servers == ("a", "b:1123", "c")
    assert found.settings.portal.enabled is False
    assert found.settings.lang == "en"
    assert found.origins["gib.base_url"] == "file"
    assert found.origins["gib.proxy"] == "environment"
    assert found.origins["clock.servers"] == "environment"
    assert found.origins["clock.refuse_s"] == "default"
    assert found.origins["lang"] == "environment"


def test_named_sections_from_file_and_environment(write) -> None:
    path = write(
        '[sources.Merkez]\nkind = "sql"\nurl = "sqlite:///muhasebe.db"\n'
        '[seals.default]\npath = "muhur.p12"\npassword = { env = "EDEFTER_MUHUR_PAROLA" }\n'
    )
    found = load_settings(
        path,
        environ={
            "EDEFTER_SOURCES__MERKEZ__QUERY": "SELECT 1",
            "EDEFTER_SEALS__DEFAULT__PASSWORD__ENV": "BASKA",
            "EDEFTER_MUHUR_PAROLA": "gizli",
        },
    )
    assert found.settings.sources["Merkez"].query == "SELECT 1"
    seal = found.settings.seals["default"]
    assert seal.password is not None
    assert seal.password.env == "BASKA"
    assert found.origins["sources.Merkez.query"] == "environment"
    assert found.origins["sources.Merkez.url"] == "file"
    assert found.origins["seals.default.password.env"] == "environment"


def test_relative_paths_start_at_the_file(write) -> None:
    path = write(
        'data_dir = "veri"\n[archive]\nroot = "/mutlak/arsiv"\n[gib]\nca_bundle = "~/kok.pem"\n'
        '[sources.default]\nkind = "sql"\nurl = "sqlite:///muhasebe.db"\n'
        '[seals.default]\npath = "m.p12"\npassword = { file = "p.txt" }\n'
    )
    settings = load_settings(path, environ={"HOME": "/ev"}).settings
    assert settings.data_dir == path.parent / "veri"
    assert settings.archive.root == Path("/mutlak/arsiv")
    assert settings.gib.ca_bundle == Path("/ev/kok.pem")
    assert settings.seals["default"].path == path.parent / "m.p12"
    assert settings.seals["default"].password is not None
    assert settings.seals["default"].password.file == path.parent / "p.txt"
    assert settings.sources["default"].url == f"sqlite:///{path.parent}/muhasebe.db"


@pytest.mark.parametrize(
    "url",
    ["", "sqlite://", "sqlite:///:memory:", "sqlite:////tam/yol.db", "sqlite:///C:/a.db",
     "postgresql://sunucu/muhasebe", "sqlite:///file:a?mode=ro"],
)  # fmt: skip
def test_other_urls_stay(url: str) -> None:
    assert absolute_sqlite(url, Path("/k")) == url


def test_all_problems_at_once_with_hints(write) -> None:
    path = write(
        'enviroment = "test"\nlang = "de"\n'
        "[clock]\nwarn_s = -1\nserver = 3\n"
        '[portal]\nparallel = 99\nchunk_bytes = "çok"\nenabled = "belki"\n'
        '[gibb]\nbase_url = "x"\n'
        '[seals.default]\npassword = "gizli-parola"\nkinds = 1\n'
        '[seals.other]\npassword = { env = "A", file = "b" }\n'
        "[sources.default]\nbatch_lines = 1\n"
        '[application]\nprogram = 5\n[archive]\nroot = 5\n[doctor]\ngib_hosts = "a"\n'
    )
    error = problems(path, {"EDEFTER_GIB__BASE_ULR": "x", "EDEFTER_SOURCES__DEFAULT": "x"})
    assert error.exit_code is ExitCode.CONFIG
    assert {problem.key for problem in error.problems} == {
        "enviroment", "lang", "clock.warn_s", "clock.server", "portal.parallel",
        "portal.chunk_bytes", "portal.enabled", "gibb", "seals.default.password",
        "seals.default.kinds", "seals.other.password", "sources.default.kind",
        "sources.default.batch_lines", "application.program", "archive.root", "doctor.gib_hosts",
        "EDEFTER_GIB__BASE_ULR", "EDEFTER_SOURCES__DEFAULT",
    }  # fmt: skip
    text = error.text("tr")
    assert text.splitlines()[0] == f"Yapılandırmada 18 sorun var ({path}):"
    for part in (
        "enviroment: böyle bir ayar yok. Bunu mu demek istediniz: environment?",
        'lang: "de" olamaz; izin verilen: tr | en.',
        'clock.warn_s: "-1" olamaz; izin verilen: > 0.',
        "clock.server: böyle bir ayar yok. Bunu mu demek istediniz: clock.servers?",
        'portal.parallel: "99" olamaz; izin verilen: ≥ 1, ≤ 16.',
        'portal.chunk_bytes: "çok" olamaz; izin verilen: ≥ 1 048 576, ≤ 67 108 864.',
        'portal.enabled: "belki" olamaz; izin verilen: true | false.',
        "gibb: böyle bir ayar yok. Bunu mu demek istediniz: gib?",
        "seals.default.password: sır doğrudan yazılmaz",
        "seals.default.kinds: böyle bir ayar yok. Bunu mu demek istediniz: seals.default.kind?",
        "sources.default.kind: zorunlu ayar eksik.",
        "application.program: tırnak içinde bir yazı bekleniyor.",
        "archive.root: tırnak içinde bir dosya veya klasör yolu bekleniyor.",
        "doctor.gib_hosts: bir liste bekleniyor",
        "Bunu mu demek istediniz: base_url?",
    ):
        assert part in text
    assert "gizli-parola" not in text + error.text("en") + repr(error) + str(error)
    assert "gizli-parola" not in "".join(traceback.format_exception(error))


def test_a_section_that_is_no_table(write) -> None:
    error = problems(write("gib = 5\n"))
    assert error.problems[0].text("en") == "gib: a section is expected ([gib])."


def test_password_in_a_source_url_is_refused_and_not_repeated(write) -> None:
    path = write('[sources.a]\nkind = "sql"\nurl = "postgresql://muhasebe:cok-gizli@db/erp"\n')
    error = problems(path)
    assert "sources.a.password" in error.text("tr")
    assert "cok-gizli" not in error.text("tr")


@pytest.mark.parametrize(
    ("name", "ours"),
    [
        ("EDEFTER_ENVIROMENT", True),
        ("EDEFTER_LANGG", True),
        ("EDEFTER_YOK__ANAHTAR", True),
        ("EDEFTER_MUHUR_PAROLASI", False),
        ("EDEFTER_REQUIRE_ALL", False),
        ("EDEFTER_CONFIG", False),
        ("BASKA_GIB__X", False),
    ],
)
def test_unknown_variables(write, name: str, ours: bool) -> None:
    path = write("")
    environ = {name: str(path)}
    if ours:
        assert problems(path, environ).problems[0].key == name
    else:
        assert load_settings(path, environ=environ).path == path


def test_a_variable_that_a_reference_names_is_a_secret(write) -> None:
    path = write('[seals.default]\npassword = { env = "EDEFTER_SEAL__PIN" }\n')
    found = load_settings(path, environ={"EDEFTER_SEAL__PIN": "1234"})
    assert "1234" not in repr(found)


@pytest.mark.parametrize(
    ("content", "key"),
    [
        (b"lang = tr\n", "config.not_toml"),
        ("lang = 'ş'".encode("cp1254"), "config.not_utf8"),
    ],
)
def test_broken_files(tmp_path: Path, content: bytes, key: str) -> None:
    path = tmp_path / "edefter.toml"
    path.write_bytes(content)
    with pytest.raises(ConfigError) as caught:
        load_settings(path, environ={})
    assert caught.value.key == key
    assert str(path) in caught.value.text("tr")


def test_byte_order_mark_and_windows_line_ends(tmp_path: Path) -> None:
    path = tmp_path / "edefter.toml"
    path.write_bytes(b"\xef\xbb\xbflang = 'en'\r\n[gib]\r\npace_s = 2\r\n")
    settings = load_settings(path, environ={}).settings
    assert (settings.lang, settings.gib.pace_s) == ("en", 2)


def test_search_order(tmp_path: Path) -> None:
    home, work, named = (tmp_path / name for name in ("home", "work", "named"))
    environ = {"HOME": str(home)}
    user = user_config_dir(environ, "linux") / "edefter.toml"
    for folder in (work, named, user.parent):
        folder.mkdir(parents=True)
    nothing = load_settings(None, environ=environ, cwd=work)
    assert nothing.path is None
    assert nothing.settings.data_dir == work / "data"
    assert set(nothing.origins.values()) == {"default"}
    for path, extra in (
        (user, {}),
        (work / "edefter.toml", {}),
        (named / "x.toml", {"EDEFTER_CONFIG": str(named / "x.toml")}),
    ):
        path.write_text("")
        assert load_settings(None, environ={**environ, **extra}, cwd=work).path == path
    assert load_settings(Path("edefter.toml"), environ={}, cwd=work).path == work / "edefter.toml"


@pytest.mark.parametrize(("path", "environ"), [("yok.toml", {}), (None, {"EDEFTER_CONFIG": "yok"})])
def test_a_named_file_must_exist(tmp_path: Path, path: str | None, environ: dict) -> None:
    with pytest.raises(ConfigError) as caught:
        load_settings(Path(path) if path else None, environ=environ, cwd=tmp_path)
    assert caught.value.key == "config.file_missing"


def test_user_folders_of_the_platforms() -> None:
    environ = {"HOME": "/ev", "APPDATA": "/ev/Roaming"}
    assert user_config_dir(environ, "win32") == Path("/ev/Roaming/edefter")
    assert user_config_dir(environ, "darwin") == Path("/ev/Library/Application Support/edefter")
    assert user_config_dir({**environ, "XDG_CONFIG_HOME": "/x"}, "linux") == Path("/x/edefter")


def test_no_file_gives_production_addresses_by_default(tmp_path: Path) -> None:
    settings = load_settings(None, environ={"HOME": str(tmp_path)}, cwd=tmp_path).settings
    assert settings.gib == Settings().gib
