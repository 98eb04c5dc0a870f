"""Where files come from, one module each."""
