"""Fenghuo (烽火): emergency warnings from draft to proof of receipt."""

import os

# pypinyin is asked for single characters only: its dictionary of phrases would be a quarter of what a command takes to start, and
# 45 MB in each of our processes.
os.environ.setdefault("PYPINYIN_NO_PHRASES", "true")

__version__ = "0.1.0"
