"""Makers of real things for tests."""
