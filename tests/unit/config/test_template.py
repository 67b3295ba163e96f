"""The generated file says every key, loads, and yields the defaults."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from edefter.config.comments import COMMENTS
from edefter.config.load import load_settings
from edefter.config.schema import leaves
from edefter.config.section import SecretRef
from edefter.config.settings import Settings, SourceSettings
from edefter.config.template import default_config_text, toml_value, write_default_config
from edefter.errors import ConfigError
from edefter.model.environment import Environment

VALUES = {
    "environment": Environment.SANDBOX,
    "data_dir": Path("veri"),
    "gib.base_url": "https://127.0.0.1:8443",
    "clock.servers": ("127.0.0.1:1", "127.0.0.1:2", "127.0.0.1:3"),
    "portal.enabled": False,
    "sources.default.kind": "sql",
    "sources.default.url": "sqlite:///muhasebe.db",
    "seals.default.path": Path("C:\\mühür\\sirket.p12"),
    "seals.default.password": SecretRef(env="PAROLA"),
}


def test_untouched_file_is_the_defaults(tmp_path: Path) -> None:
    path = tmp_path / "yeni" / "edefter.toml"
    write_default_config(path)
    found = load_settings(path, environ={})
    assert set(found.origins.values()) == {"default"}
    assert found.settings.data_dir == path.parent / "data"


def test_uncommented_file_is_still_the_defaults(tmp_path: Path) -> None:
    text = re.sub(r"(?m)^# (\w+ = .*)$", r"\1", default_config_text())
    text = text.replace("# [extensions.default]\n", "")  # an extension has no defaults
    text = text.replace("# [", "[").replace('\nkind = "pkcs12"', "").replace("\n# kind =", "")
    path = tmp_path / "edefter.toml"
    for section, kind in (("sources", "sql"), ("places", "folder")):
        text = text.replace(f"[{section}.default]", f'[{section}.default]\nkind = "{kind}"')
    path.write_text(text)
    settings = load_settings(path, environ={}).settings
    assert settings.clock == Settings().clock
    assert settings.gib == Settings().gib
    assert settings.sources["default"].batch_lines == SourceSettings(kind="sql").batch_lines


def test_values_are_written_and_read_back(tmp_path: Path) -> None:
    path = tmp_path / "edefter.toml"
    write_default_config(path, VALUES)
    found = load_settings(path, environ={})
    settings = found.settings
    assert settings.gib.base_url == "https://127.0.0.1:8443"
    assert settings.clock.servers == VALUES["clock.servers"]
    assert settings.portal.enabled is False
    assert settings.sources["default"].url == f"sqlite:///{tmp_path}/muhasebe.db"
    assert settings.seals["default"].password == SecretRef(env="PAROLA")
    assert str(settings.seals["default"].path).endswith("C:\\mühür\\sirket.p12")
    assert found.origins["clock.servers"] == "file"
    assert found.origins["clock.mode"] == "default"


def test_every_setting_is_explained_in_turkish() -> None:
    text = default_config_text(VALUES)
    wanted = set(leaves(Settings()))
    wanted |= {f"sources.{name}" for name in SourceSettings.model_fields}
    assert wanted - set(COMMENTS) == set()
    for key in wanted:
        assert re.search(rf"(?m)^(# )?{key.rpartition('.')[2]} =", text), key


def test_an_existing_file_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "edefter.toml"
    path.write_text("benim")
    with pytest.raises(ConfigError) as caught:
        write_default_config(path)
    assert caught.value.key == "config.exists"
    assert path.read_text() == "benim"
    write_default_config(path, overwrite=True)
    assert "edefter" in path.read_text()


def test_unknown_values_are_refused() -> None:
    with pytest.raises(ConfigError) as caught:
        default_config_text({"gib.url": "x"})
    assert "gib.url" in caught.value.text("tr")


def test_what_toml_cannot_say() -> None:
    with pytest.raises(TypeError):
        toml_value(object())
