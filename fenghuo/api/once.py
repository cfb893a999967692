"""A call that was answered is answered again, not done again: the required `Idempotency-Key` of every POST (fault S1)."""

import functools
import hashlib
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import IntegrityError
from django.db.transaction import atomic
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_noop as _
from ninja import Header, Schema

from fenghuo.api import errors
from fenghuo.api.auth import caller
from fenghuo.api.models import Call
from fenghuo.ground import clock
from fenghuo.ground.refusal import Refused, RefusedMany

KEPT = timedelta(hours=48)
STUCK = timedelta(seconds=60)  # a call still at work after this long died with its process
View = Callable[..., Schema]

Key: Any = Header(
    ...,
    alias="Idempotency-Key",
    min_length=1,
    max_length=200,
    pattern=r"^[\x21-\x7e]+$",
    description="Made up by the caller for each act; the same key and body get the same answer for 48 hours.",
)


def once(*, together: bool = False) -> Callable[[View], Callable[..., HttpResponse]]:
    """Wrap a view that returns a schema and takes `key`.

    `together`: the act and its remembered answer are one transaction, so that no crash lets a retry act twice. Only for acts
    that no state guards and that write `default` alone; the others refuse a second time by themselves.
    """

    def decorate(view: View) -> Callable[..., HttpResponse]:
        @functools.wraps(view)
        def wrapper(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            call, earlier = _claim(request, kwargs["key"])
            if call is None:
                return earlier
            try:
                if not together:
                    return _remembered(call, _act(lambda: view(request, *args, **kwargs)))
                with atomic():
                    return _remembered(call, _act(lambda: view(request, *args, **kwargs)))
            except BaseException:
                # Nothing was done, or nobody knows: a retry must be allowed to try, and the state of things decides.
                Call.objects.filter(id=call.id).delete()
                raise

        return wrapper

    return decorate


def _claim(request: HttpRequest, key: str) -> tuple[Call | None, HttpResponse]:
    """(the call to carry out, –), or (None, the answer to give instead)."""
    asked = f"{request.method}\n{request.path}\n".encode() + _body(request)
    fingerprint = salted_hmac("fenghuo.api.once", asked, algorithm="sha256").hexdigest()
    account, now = caller(request), clock.now()
    Call.objects.filter(started_at__lt=now - KEPT).delete()
    try:
        with atomic():
            return Call.objects.create(
                account=account, key=key, fingerprint=fingerprint, started_at=now
            ), HttpResponse()
    except IntegrityError:
        call = Call.objects.filter(account=account, key=key).first()
    if call is None:  # the first call failed, and was forgotten, between the two statements above
        return None, _at_work()
    if call.fingerprint != fingerprint:
        reason = _("This key was used for another call; make up a new one.")
        return None, errors.answer([Refused("idempotency_key_reused", reason, field="Idempotency-Key")], 422)
    if call.status is not None:
        answer = HttpResponse(call.body, status=call.status, content_type="application/json")
        answer.headers["Idempotency-Replayed"] = "true"
        return None, answer
    stuck = Call.objects.filter(id=call.id, status=None, started_at__lt=now - STUCK)
    if stuck.update(started_at=now):
        return call, HttpResponse()
    return None, _at_work()


def _body(request: HttpRequest) -> bytes:
    """What was asked. Of a form with files the stream is already read: its fields and what is in its files."""
    if request.content_type != "multipart/form-data":
        return request.body
    fields = [[name, *request.POST.getlist(name)] for name in sorted(request.POST)]
    digests = []
    for name in sorted(request.FILES):
        for file in request.FILES.getlist(name):
            digests.append([name, file.name, hashlib.sha256(file.read()).hexdigest()])
            file.seek(0)
    return json.dumps([fields, digests]).encode()


def _at_work() -> HttpResponse:
    return errors.answer([Refused("still_at_work", _("The first call with this key is still at work."))], 409)


def _act(view: Callable[[], Schema]) -> HttpResponse:
    """Carry out. A refusal is an answer too, except that something is unavailable just now."""
    try:
        return HttpResponse(view().model_dump_json(), content_type="application/json")
    except Refused as refused:
        if refused.kind == "unavailable":
            raise
        return errors.answer([refused], errors.STATUS[refused.kind])
    except RefusedMany as several:
        return errors.answer(several.refusals, errors.STATUS[several.refusals[0].kind])


def _remembered(call: Call, answer: HttpResponse) -> HttpResponse:
    Call.objects.filter(id=call.id).update(status=answer.status_code, body=answer.content.decode())
    return answer
