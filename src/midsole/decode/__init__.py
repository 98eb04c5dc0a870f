"""Bytes become recordings, chosen by content and not by name."""
