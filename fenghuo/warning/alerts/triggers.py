"""The flow of an alert never changes: what four eyes must see is not made urgent afterwards. Run by a migration and by tests."""

from fenghuo.ground.triggers import fixed

MESSAGE = "the flow of an alert never changes"

TRIGGERS = fixed(table="warning_alert", name="alert_flow_stays", columns=("flow",), message=MESSAGE)
install, remove = TRIGGERS.install, TRIGGERS.remove
