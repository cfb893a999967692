"""The two digests of the login. MD5 is what the protocol asks for; it keeps no secret from whoever hears the line."""

from hashlib import md5
from hmac import compare_digest

from fenghuo.wire.cmpp.octets import octets
from fenghuo.wire.cmpp.pdus import Connect, ConnectResp
from fenghuo.wire.stream import ProtocolError


def authenticator_source(sp_id: str, secret: bytes, stamp: str) -> bytes:
    """MD5(Source_Addr, six bytes as sent + nine zero bytes + secret + MMDDHHMMSS in ten ASCII digits)."""
    if len(stamp) != 10 or not (stamp.isascii() and stamp.isdigit()):
        raise ProtocolError("timestamp", f"{stamp!r} is not MMDDHHMMSS", f"{stamp!r} 不是 MMDDHHMMSS")
    plain = octets(sp_id, 6, "Source_Addr") + bytes(9) + secret + stamp.encode("ascii")
    return md5(plain, usedforsecurity=False).digest()


def authenticator_ismg(status: int, source: bytes, secret: bytes, width: int = 4) -> bytes:
    """MD5(Status + AuthenticatorSource + secret). Status takes `width` bytes: 4 in 3.0, 1 in 2.0."""
    return md5(status.to_bytes(width, "big") + source + secret, usedforsecurity=False).digest()


def connect_is_authentic(connect: Connect, secret: bytes) -> bool:
    """Whether an SP that sent this CONNECT knows the secret."""
    if connect.timestamp > 9_999_999_999:
        return False
    expected = authenticator_source(connect.sp_id, secret, f"{connect.timestamp:010d}")
    return compare_digest(expected, connect.authenticator)


def answer_is_authentic(answer: ConnectResp, source: bytes, secret: bytes) -> bool:
    """Whether the gateway proves that it knows the secret too.

    Real gateways differ in the width of Status inside the hash and some send a wrong value, so either width counts and the
    caller decides what an unproven gateway means.
    """
    widths = (4, 1) if answer.status < 256 else (4,)
    return any(
        compare_digest(authenticator_ismg(answer.status, source, secret, width), answer.authenticator)
        for width in widths
    )
