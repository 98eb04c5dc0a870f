"""Logs and the clock that reads the wall."""
