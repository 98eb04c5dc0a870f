"""The JSON API, and what machines ask."""
