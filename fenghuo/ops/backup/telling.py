"""How far a backup or a restore has come, for whoever waits at a terminal."""

import sys


class Percent:
    """One line that is written over; `most` in bytes is an estimate."""

    def __init__(self, most: int, *, shown: bool) -> None:
        self._most, self._done, self._said, self._shown = max(most, 1), 0, -1, shown

    def add(self, count: int) -> None:
        """So many bytes more."""
        self._done += count
        now = min(99, self._done * 100 // self._most)
        if self._shown and now != self._said:
            self._said = now
            print(f"\r{now:3d} %", end="", file=sys.stderr, flush=True)

    def end(self) -> None:
        """Leave the line empty for what is said next."""
        if self._shown:
            print("\r      \r", end="", file=sys.stderr, flush=True)


def size(count: int) -> str:
    """Bytes as people read them."""
    return f"{count / 2**20:.1f} MB" if count >= 2**20 else f"{count / 1024:.0f} KB"


def proved(by: str, certificate: str) -> str:
    """What is known of who wrote an archive. `by`: passphrase, signature or none; `certificate`: SHA-256 of the one that signed."""
    if by == "passphrase":
        return "内容由备份口令证明 proved by the passphrase: nobody without it has altered anything in the archive"
    if by == "signature":
        return (
            "内容由签名证明，请核对证书与留存的指纹是否一致 proved by a signature, if this is your own certificate (compare it): "
            f"{certificate}"
        )
    return (
        "没有签名：设置、受信任的证书、通讯录、台账可能被人改过，请逐一核对 NOT SIGNED: whoever had the file may have altered "
        "settings, trusted certificates, contacts and the record of what was sent; go through them"
    )
