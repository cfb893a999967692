"""The face of the readiness floor's tables: one import line per room."""

from fenghuo.readiness.contacts.models import *  # noqa: F403
