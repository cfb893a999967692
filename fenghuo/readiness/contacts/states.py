"""The life of an import and of an export of contacts."""

from fenghuo.ground.lifecycle.graph import Graph, Transition

READING = "reading"
READ = "read"
PREVIEWED = "previewed"
RUNNING = "running"
DONE = "done"
UNDOING = "undoing"
UNDONE = "undone"
FAILED = "failed"
DROPPED = "dropped"

IMPORT = Graph(
    name="import of contacts",
    states=(READING, READ, PREVIEWED, RUNNING, DONE, UNDOING, UNDONE, FAILED, DROPPED),
    initial=READING,
    transitions=(
        Transition("ask_columns", (READING,), READ),  # a person must say which column is which
        Transition("preview", (READING,), PREVIEWED),
        Transition("fail", (READING,), FAILED),
        Transition("map", (READ, PREVIEWED), READING),
        Transition("apply", (PREVIEWED,), RUNNING),
        Transition("finish", (RUNNING,), DONE),
        Transition("undo", (DONE,), UNDOING),
        Transition("restore", (UNDOING,), UNDONE),
        Transition("drop", (READ, PREVIEWED, FAILED), DROPPED),
    ),
)

ASKED = "asked"
AGREED = "agreed"
DECLINED = "declined"
FETCHED = "fetched"

EXPORT = Graph(
    name="export of contacts",
    states=(ASKED, AGREED, DECLINED, FETCHED),
    initial=ASKED,
    transitions=(
        Transition("agree", (ASKED,), AGREED),
        Transition("decline", (ASKED,), DECLINED),
        Transition("fetch", (AGREED,), FETCHED),
    ),
)
