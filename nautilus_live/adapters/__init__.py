"""Adapters: one package for each venue, translating between its wire and the kernel's ports."""
