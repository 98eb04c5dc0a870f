"""Broken, hostile and merely odd files, made by the hundred thousand from real ones; run by scripts/fuzz."""
