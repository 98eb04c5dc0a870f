"""What the program can do, one verb a file; each opens its transactions."""
