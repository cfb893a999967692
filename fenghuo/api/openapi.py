"""What every operation shares, added to the OpenAPI document: how refusals look, and which may come."""

from typing import Any

from fenghuo.api.schemas import ErrorOut

# Which refusals an operation may answer with, besides those of its own verb.
ALWAYS = {
    "400": "Malformed",
    "401": "No valid token",
    "403": "Not allowed",
    "422": "Invalid",
    "503": "Try again shortly",
}
OF_ONE = {"404": "Not there, or not yours"}
OF_WRITING = {"409": "Conflict", "413": "Too large", "415": "Not JSON"}
# These name other things in their body: groups, and the version a further template is based on.
NAMING = ("/api/v1/audience", "/api/v1/templates")
REFERENCE = "#/components/schemas/{model}"


def described(document: Any) -> Any:
    """The document with the refusals of each operation; every one is an ErrorOut."""
    schema = ErrorOut.model_json_schema(ref_template=REFERENCE)
    schemas = document["components"]["schemas"]
    schemas.update(schema.pop("$defs"))
    schemas["ErrorOut"] = schema
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            named = "{id}" in path or (path in NAMING and method == "post")
            found = {**ALWAYS, **(OF_ONE if named else {}), **(OF_WRITING if method != "get" else {})}
            content = {"application/json": {"schema": {"$ref": REFERENCE.format(model="ErrorOut")}}}
            for status, words in sorted(found.items()):
                operation["responses"][int(status)] = {"description": words, "content": content}
    return document
