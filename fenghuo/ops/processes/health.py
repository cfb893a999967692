"""Whether web answers, asked from outside like anyone would."""

import http.client


def answers(port: int, host: str) -> bool:
    """True when any HTTP answer comes: even "degraded" is an answer."""
    line = http.client.HTTPConnection("127.0.0.1" if host == "0.0.0.0" else host, port, timeout=2)
    try:
        line.request("GET", "/healthz", headers={"Host": "localhost"})
        return bool(line.getresponse().status)
    except (OSError, http.client.HTTPException):
        return False
    finally:
        line.close()
