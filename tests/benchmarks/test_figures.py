"""The figures of the documentation: what they mean, how they are written down, and that the page says what was measured."""

import json
from xml.etree import ElementTree

import numpy as np
import pytest

from benchmarks import fan_out, line_rate, receipts
from benchmarks.bench import BEGIN, DOCS, END, judged, merged, written
from benchmarks.drawing import drawn, table
from benchmarks.goals import GOALS

RAW = {
    "fan_out": {
        "ratio_to_bare_loop": {"cmpp_multi": 0.7, "cmpp_single": 0.4},
        "ratio_to": {"kannel_best": None, "per_recipient_task": 900.0},
        "cases": {"cmpp_multi": {"bytes_per_recipient": 11.0}, "cmpp_single": {"bytes_per_recipient": 22.0}},
    },
    "growth": {"10000": {"us_per_recipient": 2.0}, "1000000": {"us_per_recipient": 1.0, "peak_rss_mb": 120.0}},
    "line_rate": {"utilisation": 0.993, "seconds_over": 0},
}


def rows_by_name(raw):
    return {row["name"]: row for row in judged(raw, 0.5)}


def test_a_goal_is_reached_missed_or_not_measured():
    rows = rows_by_name(RAW)
    assert (rows["cmpp_multi"]["reached"], rows["cmpp_single"]["reached"]) == (True, False)
    assert rows["kannel_best"]["value"] is None
    assert "reached" not in rows["pages"]
    assert (rows["bytes"]["value"], rows["growth_1m"]["value"], rows["memory_1m"]["reached"]) == (22.0, 0.5, True)
    assert (rows["seconds_over"]["reached"], rows["utilisation"]["reached"]) == (True, True)


def test_a_second_that_is_too_full_is_seen_wherever_it_begins():
    even = np.repeat(np.arange(0, 10, 0.5), 50)
    assert line_rate.judged(even, 100) == {
        "rate": 100,
        "messages": 1000,
        "seconds": 9.5,
        "utilisation": 1.0,
        "seconds_over": 0,
        "most_in_a_second": 100,
    }
    late = np.sort(np.concatenate((even, np.full(1, 4.75))))
    assert line_rate.judged(late, 100)["seconds_over"] == 3  # those that begin at 4.0, 4.5 and 4.75
    assert line_rate.judged(even, 200)["utilisation"] == 0.5


def test_what_a_run_left_out_keeps_its_earlier_figure():
    earlier = judged(RAW, 0.5)
    later = merged(judged({"line_rate": {"utilisation": 0.995, "seconds_over": 0}}, 3.0), earlier)
    by_name = {row["name"]: row for row in later}
    assert (by_name["cmpp_multi"]["value"], by_name["cmpp_multi"]["load"]) == (0.7, 0.5)
    assert (by_name["utilisation"]["value"], by_name["utilisation"]["load"]) == (0.995, 3.0)


def test_writing_twice_changes_nothing_and_leaves_the_rest_of_the_page(tmp_path):
    page = tmp_path / "figures.md"
    page.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n", encoding="utf-8")

    def files():
        return {path.name: path.read_text(encoding="utf-8") for path in tmp_path.iterdir()}

    written({"machine": {}, "rows": judged(RAW, 0.5)}, tmp_path)
    once = files()
    written({"machine": {}, "rows": judged(RAW, 0.5)}, tmp_path)
    assert files() == once
    assert once["figures.md"].startswith("before\n")
    assert once["figures.md"].endswith("after\n")
    assert "old" not in once["figures.md"]
    assert set(once) == {"figures.md", "figures.json", "figures.svg"}


def test_the_plot_is_a_picture_with_a_line_for_every_goal():
    picture = ElementTree.fromstring(drawn(judged(RAW, 0.5)))
    words = [text.text for text in picture.iter("{http://www.w3.org/2000/svg}text")]
    assert all(goal.says in words for goal in GOALS)


def test_the_page_the_plot_and_the_figures_agree():
    rows = json.loads((DOCS / "figures.json").read_text(encoding="utf-8"))["rows"]
    assert [row["name"] for row in rows] == [goal.name for goal in GOALS]
    assert table(rows) in (DOCS / "figures.md").read_text(encoding="utf-8")
    assert drawn(rows) == (DOCS / "figures.svg").read_text(encoding="utf-8")


@pytest.mark.slow
def test_the_durable_path_is_compared_and_every_recipient_is_checked(capsys):
    arguments = ["--recipients", "3000", "--single", "500", "--rounds", "1", "--tasks", "10"]
    assert fan_out.main([*arguments, "--only", "cmpp_multi,smpp_single,per_recipient_task", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert set(told["ratio_to_bare_loop"]) == {"cmpp_multi", "smpp_single"}
    assert told["verified"]
    assert told["ratio_to"]["per_recipient_task"] > 1
    assert told["ratio_to_bare_loop"]["cmpp_multi"] > 0.01


def test_receipts_in_random_order_are_counted_and_checked(capsys):
    assert receipts.main(["--recipients", "3000", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["verified"]
    assert told["receipts_per_s"] > 1000
    assert told["bytes_per_recipient"] > 9
