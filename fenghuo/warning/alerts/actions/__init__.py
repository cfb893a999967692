"""Every write of alerts, one function per verb: keyword-only, atomic, journalled in the same transaction."""

from fenghuo.warning.alerts.actions.answering import answer_replies
from fenghuo.warning.alerts.actions.ask import ask_approval
from fenghuo.warning.alerts.actions.brake import approve_organisation, pause, resume
from fenghuo.warning.alerts.actions.control import settle, settle_text
from fenghuo.warning.alerts.actions.draft import copy, draft, edit
from fenghuo.warning.alerts.actions.follow import follow_up
from fenghuo.warning.alerts.actions.milestones import record_milestones, sweep_orphans
from fenghuo.warning.alerts.actions.network import approve_network
from fenghuo.warning.alerts.actions.publish import publish_waiting
from fenghuo.warning.alerts.actions.recall import correct, recall
from fenghuo.warning.alerts.actions.replies import take_replies
from fenghuo.warning.alerts.actions.restored import pause_after_restore
from fenghuo.warning.alerts.actions.review import approve, record_approval, review
from fenghuo.warning.alerts.actions.settling import Chosen, settling
from fenghuo.warning.alerts.actions.sign import ready_to_sign, sign
from fenghuo.warning.alerts.actions.submit import refreeze, send_back, submit, withdraw
from fenghuo.warning.alerts.actions.urgent import (
    confirm,
    prepare_urgent,
    ready_to_release,
    release_urgent,
    review_urgent,
)
from fenghuo.warning.alerts.actions.watch import keep_clocks

__all__ = [
    "Chosen",
    "answer_replies",
    "approve",
    "approve_network",
    "approve_organisation",
    "ask_approval",
    "confirm",
    "copy",
    "correct",
    "draft",
    "edit",
    "follow_up",
    "keep_clocks",
    "pause",
    "pause_after_restore",
    "prepare_urgent",
    "publish_waiting",
    "ready_to_release",
    "ready_to_sign",
    "recall",
    "record_approval",
    "record_milestones",
    "refreeze",
    "release_urgent",
    "resume",
    "review",
    "review_urgent",
    "send_back",
    "settle",
    "settle_text",
    "settling",
    "sign",
    "submit",
    "sweep_orphans",
    "take_replies",
    "withdraw",
]
