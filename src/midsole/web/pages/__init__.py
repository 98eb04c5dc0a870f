"""The pages, one module a place; each has a router."""
