"""A session works while its line in the list of sessions is open: ended there, it is ended everywhere at once (fault X4)."""

from collections.abc import Callable

from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse

from fenghuo.ground.accounts import actions, queries
from fenghuo.ground.accounts.models import OpenSession
from fenghuo.web.accounts import devices

KEY = "open_session"


def sessions(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """After AuthenticationMiddleware. Sets `request.user.place`, for the journal."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            session = OpenSession.objects.filter(pk=request.session.get(KEY, ""), account=request.user).first()
            if session is None or not queries.session_lives(session):
                logout(request)
            else:
                request.user.place = devices.network(request)
                actions.touch_session(session=session)
        return get_response(request)

    return middleware
