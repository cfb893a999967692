"""The doors there are: from the URL configuration, and from the OpenAPI document for the methods and bodies of the API."""

import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

from fenghuo.api.service import api

PARAMETER = re.compile(r"<(?:(?P<kind>\w+):)?(?P<name>\w+)>")
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


def routes() -> list[str]:
    """Every address as the URL configuration writes it, `alerts/<str:id>/sign/`."""
    return sorted(dict.fromkeys(_walked(get_resolver().url_patterns)))


def _walked(patterns: Iterable[URLPattern | URLResolver], before: str = "") -> Iterator[str]:
    for one in patterns:
        route = before + str(one.pattern)
        if isinstance(one, URLResolver):
            yield from _walked(one.url_patterns, route)
        else:
            yield route


def parameters(route: str) -> dict[str, str]:
    """Its parameters and their converters."""
    return {found["name"]: found["kind"] or "str" for found in PARAMETER.finditer(route)}


def filled(route: str, values: dict[str, str]) -> str:
    """The address with its parameters."""
    return "/" + PARAMETER.sub(lambda found: values[found["name"]], route)


@cache
def _document() -> dict[str, Any]:
    return dict(api.get_openapi_schema())


@cache
def operations() -> dict[tuple[str, str], dict[str, Any]]:
    """(route, METHOD) → an example body of every operation of the API; routes are written as `routes` writes them."""
    document = _document()
    found: dict[tuple[str, str], Any] = {}
    for path, methods in document["paths"].items():
        route = re.sub(r"\{(\w+)\}", r"<\1>", path).lstrip("/")
        for method, operation in methods.items():
            content: dict[str, Any] = operation.get("requestBody", {}).get("content", {})
            schema: dict[str, Any] = next((one.get("schema", {}) for one in content.values()), {})
            found[route, method.upper()] = _example(schema, document) if schema else {}
    return found


@cache
def uploads() -> set[tuple[str, str]]:
    """The operations that take a file in a form, not JSON."""
    paths = _document()["paths"]
    return {
        (re.sub(r"\{(\w+)\}", r"<\1>", path).lstrip("/"), method.upper())
        for path, methods in paths.items()
        for method, operation in methods.items()
        if "multipart/form-data" in operation.get("requestBody", {}).get("content", {})
    }


SIMPLE: dict[str, Any] = {"string": "x", "integer": 1, "number": 1, "boolean": True, "null": None}
FORMATS = {"date-time": "2026-07-01T08:00:00+08:00", "date": "2026-07-01", "binary": "x"}


def _example(schema: dict[str, Any], document: dict[str, Any], depth: int = 0) -> Any:
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
    for several in ("anyOf", "oneOf", "allOf"):
        if several in schema:
            return _example(schema[several][0], document, depth + 1)
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return schema["enum"][0]
    if "properties" in schema:
        wanted = schema.get("required", []) if depth else schema["properties"]
        return {name: _example(schema["properties"][name], document, depth + 1) for name in wanted}
    if schema.get("type") == "array":
        return [_example(schema.get("items", {}), document, depth + 1)] * schema.get("minItems", 1)
    if schema.get("pattern") == "^[0-9a-f]{64}$":
        return "0" * 64
    if schema.get("type") == "object":
        return {}
    return FORMATS.get(schema.get("format", ""), SIMPLE.get(schema.get("type", "string")))
