"""The one exception that a codec has."""


class ProtocolError(ValueError):
    """Bytes that are not of the protocol, or values that it cannot carry.

    `code` is stable and meant for programs, `reason_en` and `reason_zh` are for the person who meets it, `at` is the offset of
    the offending byte inside the frame (0 where no single byte is to blame).
    """

    def __init__(self, code: str, reason_en: str, reason_zh: str, *, at: int = 0) -> None:
        super().__init__(f"{reason_en} / {reason_zh}")
        self.code = code
        self.reason_en = reason_en
        self.reason_zh = reason_zh
        self.at = at


def length_error(what: str, got: int, wanted: str) -> ProtocolError:
    """A frame of `what` whose length in bytes cannot be."""
    return ProtocolError(
        "length",
        f"{what} is {got} bytes long where {wanted} is possible",
        f"{what} 长度为 {got} 字节，应为 {wanted}",
    )
