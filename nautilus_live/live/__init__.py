"""The live node: its lifecycle, its clock and its signals."""
