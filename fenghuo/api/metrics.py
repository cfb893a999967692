"""Counters for Prometheus. Web is one process of many threads, so its own registry holds everything; no names, no numbers."""

from collections.abc import Callable, Iterator

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from fenghuo.api.health import WORKER
from fenghuo.delivery.ledger import queries as ledger
from fenghuo.ground import clock
from fenghuo.ground.pulse import queries as pulse
from fenghuo.ground.upkeep import queries as upkeep
from fenghuo.ground.upkeep.models import Chore

REQUESTS = Counter("fenghuo_http_requests", "Answers by method, route and status.", ["method", "route", "status"])
SECONDS = Histogram("fenghuo_http_request_seconds", "Time to answer, by route.", ["route"])
METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH")
STATES = ("bound", "connecting", "refused", "throttled", "silent", "down", "paused")


class State(Collector):
    """What the databases know, read when asked."""

    def describe(self) -> Iterator[Metric]:
        """Nothing beforehand: registering must not ask the databases."""
        return iter(())

    def collect(self) -> Iterator[Metric]:
        reachable = GaugeMetricFamily("fenghuo_database_up", "Whether the databases answer.")
        try:
            found = [self._worker(), *self._gateways(), *self._upkeep()]
            reachable.add_metric([], 1)
            yield from found
        except DatabaseError:
            reachable.add_metric([], 0)
        yield reachable

    def _worker(self) -> Metric:
        gauge = GaugeMetricFamily("fenghuo_worker_tick_age_seconds", "Seconds since the worker's last sign of life.")
        age = pulse.age(WORKER)
        if age is not None:
            gauge.add_metric([], age.total_seconds())
        return gauge

    def _upkeep(self) -> list[Metric]:
        backup, integrity = upkeep.backup(), upkeep.found(Chore.INTEGRITY)
        age = GaugeMetricFamily(
            "fenghuo_backup_age_seconds", "Seconds since the newest backup: what the disk may take along."
        )
        if backup.age is not None:
            age.add_metric([], backup.age.total_seconds())
        late = GaugeMetricFamily("fenghuo_backup_late", "1 when the newest backup is older than allowed.")
        late.add_metric([], 1 if backup.late else 0)
        whole = GaugeMetricFamily("fenghuo_database_whole", "0 when the last integrity check found damage.")
        whole.add_metric([], 1 if integrity.ok else 0)
        return [age, late, whole]

    def _gateways(self) -> list[Metric]:
        state = GaugeMetricFamily(
            "fenghuo_gateway_state", "1 for the state an account is in.", labels=["gateway", "state"]
        )
        flying = GaugeMetricFamily("fenghuo_gateway_in_flight", "Submits without an answer.", labels=["gateway"])
        for one in ledger.gateways():
            flying.add_metric([one.name], one.in_flight)
            for name in STATES:
                state.add_metric([one.name, name], 1 if one.state == name else 0)
        return [state, flying, *self._meters()]

    def _meters(self) -> list[Metric]:
        sent = GaugeMetricFamily("fenghuo_gateway_month_messages", "Messages sent this month.", labels=["gateway"])
        quota = GaugeMetricFamily("fenghuo_gateway_month_quota", "Messages agreed for a month.", labels=["gateway"])
        backlog = GaugeMetricFamily("fenghuo_gateway_backlog", "Messages that wait to be sent.", labels=["gateway"])
        used = GaugeMetricFamily(
            "fenghuo_gateway_utilisation", "Of the contracted rate, while something waits.", labels=["gateway"]
        )
        tested = GaugeMetricFamily("fenghuo_gateway_link_test", "1 when the last link test passed.", labels=["gateway"])
        for one in ledger.gauges():
            sent.add_metric([one.account], one.month)
            backlog.add_metric([one.account], one.backlog)
            if one.quota:
                quota.add_metric([one.account], one.quota)
            if one.now is not None:
                used.add_metric([one.account], one.now)
            if one.tests:
                tested.add_metric([one.account], 1 if one.tests[0].ok else 0)
        return [sent, quota, backlog, used, tested]


REGISTRY.register(State())


def measured(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: count and time every answer under its route's pattern; an address nobody knows is one route."""

    def middleware(request: HttpRequest) -> HttpResponse:
        begun = clock.monotonic()
        response = get_response(request)
        route = request.resolver_match.route if request.resolver_match else "unknown"
        method = request.method if request.method in METHODS else "other"
        REQUESTS.labels(method, route, response.status_code).inc()
        SECONDS.labels(route).observe(clock.monotonic() - begun)
        return response

    return middleware


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """The text format of Prometheus."""
    return HttpResponse(generate_latest(REGISTRY), content_type=CONTENT_TYPE_LATEST)
