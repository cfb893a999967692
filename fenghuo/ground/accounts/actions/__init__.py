"""Every write of this room, one function per verb."""

from fenghuo.ground.accounts.actions.sessions import (
    confirm,
    device_failed,
    device_is_known,
    end_other_sessions,
    end_session,
    forget_device,
    is_confirmed,
    know_device,
    open_session,
    sign_in_failed,
    touch_session,
)

__all__ = [
    "confirm",
    "device_failed",
    "device_is_known",
    "end_other_sessions",
    "end_session",
    "forget_device",
    "is_confirmed",
    "know_device",
    "open_session",
    "sign_in_failed",
    "touch_session",
]
