"""Strategies to read and to start from. None of them has an edge; none is for real money."""
