"""The simulated world: virtual time, an in-memory network, hosts that crash; all of it a function of one seed.

Import from the modules (`scenarios.world.world.World` above all). This file imports nothing, so that
`scenarios.world.loop` needs the standard library only.
"""
