"""Our own charts: SVG drawn on the server, with a table beside each."""
