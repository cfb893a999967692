"""The duty desk (工作台): what waits for me, what is running, how the gateways are. It moves by itself."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def desk(request: HttpRequest) -> HttpResponse:
    """One screen for whoever is signed in."""
    return render(request, "desk/desk.html")
