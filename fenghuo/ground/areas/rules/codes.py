"""Codes as other systems write them: padded with zeros to 6, 9, 12 or 14 digits."""

# Digits per level: province, city, county, town, village.
LENGTHS = (2, 4, 6, 9, 12)
LONGEST = 14  # twelve digits and two for a part of a village, in national messages


def candidates(code: str) -> list[str]:
    """What a code may mean, the longest reading first: 120119000000 → 120119000000, 120119000, 120119; nothing for no code.

    Zeros may be padding or belong to the code (441900 is a county of its own), so whoever knows the tree decides.
    """
    if not (code.isascii() and code.isdigit()) or not 2 <= len(code) <= LONGEST:
        return []
    return [code[:length] for length in reversed(LENGTHS) if length <= len(code) and not code[length:].strip("0")]


def padded(code: str, digits: int) -> str:
    """A code as a message with codes of so many digits writes it: 120119 → 120119000000. Raises ValueError when it is longer."""
    if len(code) > digits:
        raise ValueError(f"{code} has more than {digits} digits")
    return code.ljust(digits, "0")
