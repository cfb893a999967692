"""Every write of templates: keyword-only, atomic, journalled in the same transaction."""

from fenghuo.warning.templates.actions.decide import adopt, approve, propose, retire
from fenghuo.warning.templates.actions.ship import ship
from fenghuo.warning.templates.actions.write import create, revise

__all__ = ["adopt", "approve", "create", "propose", "retire", "revise", "ship"]
