"""Execution algorithms as a user writes them."""
