"""DECISIONS. Pure functions and small machines: (state, input, now) -> events.

No asyncio, no clock, no randomness, no logging, no I/O.

Time is an argument, identifiers are functions of facts, and what comes back is data; the shell (`engine`) applies it.
"""
