"""A wrong setting is named by file and key, in both languages, and never repeats a password."""

import re
from pathlib import Path

import pytest

from fenghuo.ops import config, folder
from fenghuo.ops.config import TABLES, Config, ConfigError, load


def written(data: Path, text: str) -> Path:
    (data / "fenghuo.toml").write_text(text, encoding="utf-8")
    return data


GATEWAY = """
[[gateway]]
name = "mobile"
protocol = "cmpp3"
mode = "{mode}"
host = "10.0.0.1"
port = {port}
source_addr = "901234"
secret_file = "mobile.secret"
{more}
"""


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("web_threads = 0", "web_threads"),
        ("web_treads = 8", "web_treads"),
        ('bind = "8000"', "bind"),
        ('public_url = "ftp://x"', "public_url"),
        ('mode = "test"', "mode"),
        ('database_url = "mysql://u:geheim@h/d"', "database_url"),
        ('time_zone = "Mars/Base"', "time_zone"),
        ("this is not toml", "TOML"),
        ('web_threads = "8"', "web_threads"),
        ("web_threads = true", "web_threads"),
        ("hosts = 3", "hosts"),
        ('[[feed]]\nname = "A B"\nurl = "https://a.example"', "feed.1.name"),
        ('[[feed]]\nname = "a"\nurl = "geheim@x"', "feed.1.url"),
    ],
)
def test_a_wrong_setting_is_named_by_file_and_key(tmp_path: Path, text: str, key: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(written(tmp_path, text))
    said = str(caught.value)
    assert str(tmp_path / "fenghuo.toml") in said
    assert key in said
    assert "geheim" not in said
    if key != "TOML":
        explained = said.split(f"{key}：")[1]
        assert re.fullmatch(r".*[一-鿿].* / [ -~–]+", explained), (
            "a sentence of ours in each language, not the library's"
        )
        assert not re.search(r"Input should|Value error|pattern", explained)


def test_a_variable_overrides_the_file_and_is_named_when_wrong(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(tmp_path, "web_threads = 3")
    monkeypatch.setenv("FENGHUO_WEB_THREADS", "5")
    monkeypatch.setenv("FENGHUO_HOSTS", "a.example, b.example")
    assert (load(tmp_path).web_threads, load(tmp_path).hosts) == (5, ["a.example", "b.example"])
    monkeypatch.setenv("FENGHUO_WEB_THREADS", "many")
    with pytest.raises(ConfigError, match="FENGHUO_WEB_THREADS"):
        load(tmp_path)


def test_a_misspelt_variable_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FENGHUO_DATABSE_URL", "postgres://x")
    assert config.unknown_variables() == ["FENGHUO_DATABSE_URL"]


def test_the_file_that_init_writes_holds_every_key_and_reads_back_as_the_defaults(tmp_path: Path) -> None:
    folder.make(tmp_path / "data", mode="live")
    text = (tmp_path / "data" / "fenghuo.toml").read_text(encoding="utf-8")
    assert all(f"{name} = " in text for name in Config.model_fields if name not in TABLES)
    assert load(tmp_path / "data") == Config(mode="live")
    uncommented = "\n".join(
        line.removeprefix("# ") for line in text.splitlines() if line.startswith("# ") and " = " in line
    )
    values = uncommented.split("name = ")[0]
    assert load(written(tmp_path, 'mode = "live"\n' + values)) == Config(mode="live")


def test_a_mark_that_an_editor_put_before_everything_is_no_fault(tmp_path: Path) -> None:
    """Windows' own editor writes one; nobody sees it, and without this nothing would start."""
    (tmp_path / "fenghuo.toml").write_bytes(b"\xef\xbb\xbfweb_threads = 3\r\n")
    assert load(tmp_path).web_threads == 3


def test_secret_files_lie_in_the_data_folder(tmp_path: Path) -> None:
    found = load(written(tmp_path, GATEWAY.format(mode="exercise", port=7890, more="")))
    assert found.gateway[0].secret_file == tmp_path / "mobile.secret"
