"""A live-trading node that keeps its belief about orders and positions equal to the venue's truth."""

__version__ = "0.1.0"
