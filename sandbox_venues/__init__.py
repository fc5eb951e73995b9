"""The world outside: exchanges that can be told to misbehave.

Knows `nautilus_live.model` and nothing else of the kernel; the adapter modules know the kernel's adapter port as well.
"""
