"""The alert behind an address, for whoever may read alerts at all."""

from django.http import HttpRequest

from fenghuo.ground.accounts import rules as rights
from fenghuo.warning.alerts import queries
from fenghuo.warning.alerts.models import Alert
from fenghuo.web.shell.people import account_of, organisation_of


def alert_of(request: HttpRequest, id: str) -> Alert:
    """Another organisation's alert is missing (fault X7) before anybody's posts are asked; then reading needs its right."""
    alert = queries.alert(organisation_of(request), id)
    rights.require(account=account_of(request), act="alerts_read")
    return alert
