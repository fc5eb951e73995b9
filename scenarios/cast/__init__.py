"""The cast: small strategies and actors that scenario files put on the stage, each for one idea.

May know: what a strategy of a user may know. Most are scripted strategies with something of their own besides, so that
steps can tell them what to do.
"""
