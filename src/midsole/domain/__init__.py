"""Pure values and rules: no input or output, no clock; `now` is an argument."""
