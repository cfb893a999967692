"""The figures for people: a table in Markdown and a plot in SVG, drawn by hand so that nothing need be installed."""

from typing import Any
from xml.sax.saxutils import escape

from benchmarks.goals import GOALS

WIDTH, LEFT, LINE, TOP = 960, 520, 24, 44
MOST = 3.0  # bars end here: three times what was asked
INK, GOOD, SHORT, GREY = "#1f2933", "#2f7d4f", "#b3541e", "#9aa5b1"
BY_NAME = {goal.name: goal for goal in GOALS}


def number(value: float) -> str:
    """As people write it: thousands apart, no more digits than were measured."""
    if value == int(value):
        return f"{int(value):,}"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def asked(row: dict[str, Any]) -> str:
    """The goal in a few signs."""
    return f"{'≤' if row['at_most'] else '≥'} {number(row['ask'])} {row['unit']}".strip()


def told(row: dict[str, Any]) -> str:
    """The figure, or that there is none yet."""
    return "not measured" if row["value"] is None else f"{number(row['value'])} {row['unit']}".strip()


def table(rows: list[dict[str, Any]]) -> str:
    """One line for each goal."""
    lines = ["| goal | ask | measured | reached | day, load |", "|---|---|---|---|---|"]
    for row in rows:
        reached = {True: "yes", False: "no", None: ""}[row.get("reached")]
        when = f"{row['day']}, {row['load']}" if "day" in row else ""
        lines.append(f"| {row['says']} | {asked(row)} | {told(row)} | {reached} | {when} |")
    return "\n".join(lines)


def drawn(rows: list[dict[str, Any]]) -> str:
    """A bar for each goal: the upright line is what was asked, further right is better."""
    height, scale = TOP + LINE * len(rows) + 16, (WIDTH - LEFT - 110) / MOST
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" '
        'font-family="sans-serif" font-size="12">',
        "<title>What was asked and what was measured</title>",
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
        f'<text x="{LEFT + scale:.0f}" y="20" text-anchor="middle" fill="{INK}">asked</text>',
    ]
    for place, row in enumerate(rows):
        y = TOP + place * LINE
        parts.append(f'<text x="{LEFT - 10}" y="{y + 12}" text-anchor="end" fill="{INK}">{escape(row["says"])}</text>')
        length = 0.0
        if row["value"] is not None:
            length = max(1.0, scale * min(MOST, BY_NAME[row["name"]].share(row["value"])))
            colour = GOOD if row["reached"] else SHORT
            parts.append(f'<rect x="{LEFT}" y="{y}" width="{length:.1f}" height="16" fill="{colour}"/>')
        ink = INK if row["value"] is not None else GREY
        parts.append(f'<text x="{LEFT + length + 6:.1f}" y="{y + 12}" fill="{ink}">{escape(told(row))}</text>')
    parts.append(
        f'<line x1="{LEFT + scale:.0f}" y1="26" x2="{LEFT + scale:.0f}" y2="{height - 12}" stroke="{INK}" stroke-dasharray="3 3"/>'
    )
    return "\n".join([*parts, "</svg>\n"])
