"""Midsole: a self-hosted monitor for runners."""

__version__ = "0.1.0"
