"""Every write of arrivals, one function per verb."""

from fenghuo.warning.relay.actions.handle import dismiss, forward, report, see
from fenghuo.warning.relay.actions.poll import poll, poll_feeds
from fenghuo.warning.relay.actions.receive import receive, take_down, take_in

__all__ = ["dismiss", "forward", "poll", "poll_feeds", "receive", "report", "see", "take_down", "take_in"]
