"""Fenghuo (烽火): emergency warnings from draft to proof of receipt."""

__version__ = "0.1.0"
