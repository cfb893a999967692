"""Make fenghuo/web/static/audio/alarm.wav: two tones in turn, our own, 8 kHz, one second that loops without a click.

python deploy/alarm.py
"""

import math
import wave
from pathlib import Path

RATE = 8000
TONES = (784.0, 1046.0)  # Hz, half a second each
TARGET = Path(__file__).resolve().parents[1] / "fenghuo/web/static/audio/alarm.wav"


def samples() -> bytes:
    """Unsigned 8-bit mono samples; each tone swells and fades so that nothing clicks."""
    half = RATE // 2
    found = bytearray()
    for tone in TONES:
        for at in range(half):
            swell = min(1.0, at / 200, (half - at) / 200)
            found.append(128 + round(100 * swell * math.sin(2 * math.pi * tone * at / RATE)))
    return bytes(found)


def main() -> None:
    """Write the file."""
    TARGET.parent.mkdir(exist_ok=True)
    with wave.open(str(TARGET), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(1)
        file.setframerate(RATE)
        file.writeframes(samples())


if __name__ == "__main__":
    main()
