"""Whole columns from the database as text: one value on each line, in the same order for every column of a chunk."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Aggregate, Count, Max, QuerySet, TextField, Value
from django.db.models.functions import Replace
from django.db.models.sql.compiler import SQLCompiler

CHUNK = 100_000


class Joined(Aggregate):
    """All values, a line break between each two. NULL values must not occur: they would be left out."""

    output_field = TextField()

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: Any) -> tuple[str, Any]:
        template = "GROUP_CONCAT(%(expressions)s, char(10))"
        return super().as_sql(compiler, connection, template=template, **context)

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: Any) -> tuple[str, Any]:
        template = "STRING_AGG((%(expressions)s)::text, chr(10))"
        return super().as_sql(compiler, connection, template=template, **context)


def on_one_line(field: str) -> Replace:
    """A text without line breaks. No action keeps one; one that came in otherwise must not shift a whole column."""
    return Replace(field, Value("\n"), Value(" "))


def chunks(rows: QuerySet[Any], columns: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The columns of all rows, some at a time, in order of id. Aggregates of one query see their rows in the same order."""
    last = 0
    while True:
        found = rows.filter(id__gt=last).order_by("id")[:CHUNK].aggregate(n=Count("id"), last=Max("id"), **columns)
        if not found["n"]:
            return
        last = found["last"]
        yield found
        if found["n"] < CHUNK:
            return
