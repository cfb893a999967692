"""The other side of the line: a carrier's SMS centre, played for drills, the demo and the tests."""
