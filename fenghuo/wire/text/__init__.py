"""SMS texts: composing, counting, cutting, and what they may not hold."""

from fenghuo.wire.text.compose import Count, Preview, compose, measure, preview, problems
from fenghuo.wire.text.problems import EXERCISE_BEGIN, EXERCISE_END, Problem, TextError, normalise
from fenghuo.wire.text.units import BILLING_UNIT, LIMIT, Segment, billed, segments, split, units

__all__ = [
    "BILLING_UNIT",
    "EXERCISE_BEGIN",
    "EXERCISE_END",
    "LIMIT",
    "Count",
    "Preview",
    "Problem",
    "Segment",
    "TextError",
    "billed",
    "compose",
    "measure",
    "normalise",
    "preview",
    "problems",
    "segments",
    "split",
    "units",
]
