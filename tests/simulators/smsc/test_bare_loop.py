"""The yardstick itself: what the bare loop says it sent is what the centre accepted."""

import json

import pytest

from benchmarks import bare_loop
from fenghuo.wire import cmpp
from simulators.smsc import launched


@pytest.mark.parametrize("layout", [cmpp.V30, cmpp.V20], ids=["3.0", "2.0"])
@pytest.mark.parametrize(("batch", "window"), [(1, 16), (50, 16), (99, 3)])
def test_every_number_is_accepted_reported_and_acknowledged(layout, batch, window):
    with launched() as centre:
        block = bare_loop.numbers(1234, layout.terminal)
        figure = bare_loop.run(centre.port, block, batch, window, layout)
        bare_loop.checked(centre, 1234)
        assert figure.recipients == 1234
        assert sorted(row["number"] for row in centre.rows()) == [f"100{k:08d}" for k in range(1234)]
        with pytest.raises(RuntimeError):
            bare_loop.checked(centre, 1235)


def test_a_long_text_is_counted_by_its_people():
    with launched() as centre:
        block = bare_loop.numbers(200, 32)
        figure = bare_loop.run(centre.port, block, 50, 16, body="险" * 150)
        assert figure.recipients == 200
        assert centre.summary()["reports_acknowledged"] == 600


def test_the_command_prints_one_line_of_json(capsys):
    assert bare_loop.main(["--recipients", "500", "--rounds", "1", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["recipients_per_second"] > 0
    assert len(told["rounds"]) == 1
