"""The words of a template's version never change: refused by the database itself. Run by a migration and by tests."""

from fenghuo.ground.triggers import fixed

MESSAGE = "the words of a template version never change"
FIXED = ("template_id", "number", "headline", "body", "caution", "measures", "correction", "hours", "author_person_id")

TRIGGERS = fixed(table="warning_templateversion", name="template_words_stay", columns=FIXED, message=MESSAGE)
install, remove = TRIGGERS.install, TRIGGERS.remove
