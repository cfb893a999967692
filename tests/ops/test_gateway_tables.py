"""A wrong `[[gateway]]` table is named by number, name, line, key and reason, and the other accounts are served."""

import json
import re
from pathlib import Path

import pytest
from pydantic import BaseModel

from fenghuo.delivery.gateways.config import KINDS, CmppGateway, HttpGateway, SmppGateway
from fenghuo.delivery.gateways.config.reasons import FORMS
from fenghuo.ops.config import Config, ConfigError, load
from fenghuo.ops.gateways import complaints
from fenghuo.warning.relay.values import FeedSource

HEAD = 'mode = "exercise"\n'


def table(name: str = "mobile", protocol: str = "cmpp3", more: str = "", **changes: object) -> str:
    values = {
        "name": name,
        "protocol": protocol,
        "mode": "exercise",
        "host": "10.0.0.1",
        "port": 7890,
        "source_addr": "901234",
        "secret_file": f"{name}.secret",
    } | changes
    said = [f"{key} = {value}" if isinstance(value, int) else f'{key} = "{value}"' for key, value in values.items()]
    return "[[gateway]]\n" + "\n".join(said) + "\n" + more + "\n"


def read(data: Path, text: str):
    (data / "fenghuo.toml").write_text(HEAD + text, encoding="utf-8")
    return load(data)


def test_each_protocol_has_its_own_class_and_its_files_lie_in_the_data_folder(tmp_path: Path) -> None:
    tls = 'tls = true\ntls_ca_file = "ca.pem"\n'
    text = (
        table("a", "cmpp2") + table("b", "smpp", tls) + table("c", "http", '[gateway.callback]\nsecret_file = "back"')
    )
    found = read(tmp_path, text).gateway
    assert [type(one) for one in found] == [CmppGateway, SmppGateway, HttpGateway]
    assert found[1].tls_ca_file == tmp_path / "ca.pem"
    assert isinstance(found[2], HttpGateway)
    assert found[2].callback.secret_file == tmp_path / "back"
    assert [one.secret_file for one in found] == [tmp_path / f"{name}.secret" for name in "abc"]


@pytest.mark.parametrize(
    ("wrong", "line", "key", "reason"),
    [
        (table("bad", port=0), 15, "port", "at least 1"),
        (table("bad", port="2775"), 15, "port", "without quotation marks"),
        (table("A B"), 11, "name", "letters a–z"),
        (table("bad", host="10.0.0.1:7890"), 14, "host", "host name"),
        (table("bad", host="a..b"), 14, "host", "host name"),
        (table("bad", more="batch = 100"), 18, "batch", "99"),
        (table("bad", more="btch = 10"), 18, "btch", "no such setting"),
        (table("bad", mode="live"), 13, "mode", "exercise"),
        (table("bad", source_addr="9012345"), 16, "source_addr", "6"),
        (table("bad", more='tls_ca_file = "x"'), 10, "", "tls = true"),
        (table("bad", more='prefixes = ["13a"]'), 18, "prefixes", "digits"),
        (table("bad", "sgip"), 12, "protocol", "cmpp3"),
        (table("bad", "smpp", more='bind = "rx"'), 18, "bind", "trx"),
        (table("bad", "http", more='[gateway.request]\nfields = {to = "{numbers}"}'), 18, "request", "{text}"),
        (table("bad", "http", more='[gateway.request]\npath = "x"'), 19, "request.path", "begin with /"),
        (table("bad", more='name2 = "unended'), 18, "", "TOML"),
        (table("bad", "http", more='[gateway.request.headers]\nHost = "x"'), 18, "request", "HTTP itself"),
        (table("bad", "http", more='[gateway.request]\nnonce_header = "X-Account"'), 18, "request", "each name once"),
        (table("bad", "http", more='[gateway.request.headers]\nX-A = "a\\r\\nB: c"'), 18, "request.headers", "printable"),
        (table("bad", "http", more='[gateway.callback]\nallow = ["10.1.0.1/8"]'), 19, "callback.allow", "network"),
        (table("bad", "http", source_addr=" a"), 16, "source_addr", "space"),
        ("[[gateway]]\nname = 3\n", 10, "protocol", "cmpp3"),
        (table("mobile"), 11, "name", "has this name"),
    ],
)  # fmt: skip
def test_the_fault_is_named_and_the_others_start(tmp_path: Path, wrong: str, line: int, key: str, reason: str) -> None:
    before, after = table("mobile").rstrip("\n") + "\n", table("telecom", "cmpp2")
    config = read(tmp_path, before + wrong + after)
    assert [one.name for one in config.gateway] == ["mobile", "telecom"]
    [refused] = config.wrong_gateways
    assert refused.number == 2
    [fault] = refused.faults
    assert re.search("[一-鿿]", fault.zh)
    assert not re.search("Input should|Value error|pattern", fault.en)
    assert (fault.line, fault.key) == (line, key)
    assert reason in fault.en
    said = str(next(complaints(config, tmp_path)))
    assert str(tmp_path / "fenghuo.toml") in said
    assert f"line {line}：" in said


def test_every_fault_of_a_table_is_named_and_no_value_is_repeated(tmp_path: Path) -> None:
    pasted = table("bad", port="geheim", host="geheim geheim", more='rate = "geheim"\nmode2 = "geheim"')
    config = read(tmp_path, pasted)
    [refused] = config.wrong_gateways
    assert [fault.key for fault in refused.faults] == ["host", "port", "rate", "mode2"]
    assert "geheim" not in "".join(map(str, complaints(config, tmp_path)))


@pytest.mark.parametrize("said", ["gateway = [5]", 'gateway = ["x", {name = "y"}]', "gateway = [[]]", "gateway = []"])
def test_what_is_no_table_at_all_is_refused_by_its_number(tmp_path: Path, said: str) -> None:
    config = read(tmp_path, said)
    assert config.gateway == []
    assert [one.number for one in config.wrong_gateways] == list(range(1, len(config.wrong_gateways) + 1))
    assert len(config.wrong_gateways) == said.count("5") + said.count('"x"') + said.count("{") + said.count("[[]]")


@pytest.mark.parametrize(
    "others", [("", ""), (table("before"), ""), ("", table("after")), (table("before"), table("after"))]
)
def test_one_bracket_where_two_belong_stops_that_account_only(tmp_path: Path, others: tuple[str, str]) -> None:
    before, after = others
    single = table("single", "http", '[gateway.request]\npath = "/a"').replace("[[gateway]]", "[gateway]")
    config = read(tmp_path, before + single + after)
    assert [one.name for one in config.gateway] == [
        name for name, text in (("before", before), ("after", after)) if text
    ]
    [refused] = config.wrong_gateways
    assert (refused.name, [fault.line for fault in refused.faults]) == ("single", [2 + before.count("\n")])
    assert "[[gateway]]" in refused.faults[0].zh
    assert "two brackets" in refused.faults[0].en
    assert re.fullmatch("line [0-9]+: [^:]+", refused.faults[0].text.split(",")[0])


@pytest.mark.parametrize("said", ["gateway = 3", 'gateway = {name = "a"}', '[gateway.request]\npath = "/a"'])
def test_what_speaks_of_a_gateway_but_is_no_table_is_named_and_pages_start(tmp_path: Path, said: str) -> None:
    config = read(tmp_path, "web_threads = 3\n" + said)
    assert (config.web_threads, config.gateway) == (3, [])
    assert "line 3：" in str(next(complaints(config, tmp_path)))


def models(kind: type[BaseModel]) -> set[type[BaseModel]]:
    """A model with those inside it."""
    inner = [info.annotation for info in kind.model_fields.values()]
    return {kind}.union(*(models(one) for one in inner if isinstance(one, type) and issubclass(one, BaseModel)))


def test_every_form_that_a_setting_must_have_is_put_into_words() -> None:
    used: set[str] = set()
    kinds: set[type[BaseModel]] = {Config, FeedSource}
    for kind in kinds.union(*(models(one) for one in KINDS)):
        used |= set(re.findall(r'"pattern": ("(?:[^"\\]|\\.)*")', json.dumps(kind.model_json_schema())))
    assert {json.loads(one) for one in used} == set(FORMS)


def test_a_file_that_is_broken_elsewhere_is_not_read_at_all(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="TOML"):
        read(tmp_path, "this is not toml\n" + table())
    with pytest.raises(ConfigError, match="TOML"):
        read(tmp_path, table() + '[[feed]]\nname = "x\n')


def test_a_name_that_cannot_be_shown_becomes_a_number(tmp_path: Path) -> None:
    config = read(tmp_path, table().replace('"mobile"', '"a\\u202eb"', 1) + table("ok"))
    assert [one.name for one in config.wrong_gateways] == ["#1"]
    assert [one.name for one in config.gateway] == ["ok"]
