"""A process that is asked to end does end, at whatever instruction the signal meets it."""

import os
import signal
import subprocess
import sys

import pytest

from fenghuo.ground.ending import Ending
from tests.makers.instance import ROOT

# The moment that a signal meets now and then: the main thread has the event's lock, on its way into the wait or out of it.
MET = """
import signal, sys, threading
from pathlib import Path

class Met(threading.Event):
    def wait(self, timeout=None):
        with self._cond:
            signal.raise_signal(signal.SIGTERM)
        return super().wait(timeout)

threading.Event, given = Met, threading.Event
"""
PROCESSES = {
    "sender": "from fenghuo.delivery.sender.process import run; threading.Event = given; "
    "run(gateways=[], mode='exercise', data=Path('.'), stop=Met())",
    "worker": "from fenghuo.ops.processes.worker import Worker; it = Worker(); threading.Event = given; "
    "it.tick = lambda: False; it.run()",
    "up": "from fenghuo.ops.processes.supervisor import Supervisor; it = Supervisor([]); threading.Event = given; it.run()",
}


@pytest.mark.parametrize("name", PROCESSES)
def test_it_ends_though_the_signal_comes_while_it_is_about_to_wait(name, tmp_path):
    code = f"import django; django.setup()\n{MET}\n{PROCESSES[name]}\nprint('ended')"
    environment = os.environ | {"FENGHUO_DATA": str(tmp_path), "DJANGO_SETTINGS_MODULE": "fenghuo.ops.settings"}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=40, check=False
    )
    assert done.stdout.endswith("ended\n"), done.stderr


def test_a_wish_reaches_those_who_look_at_the_event_and_the_handlers_can_be_given_back():
    ending = Ending()
    before = ending.heed()
    try:
        assert not ending.wait(0.0)
        signal.raise_signal(signal.SIGTERM)
        assert ending.wait(60.0)
        assert ending.stop.is_set()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
