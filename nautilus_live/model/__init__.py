"""Values: what the kernel and the venues talk about. No I/O, no clock, no decisions."""
