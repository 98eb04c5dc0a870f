"""The clock and the threads that do the work unasked."""
