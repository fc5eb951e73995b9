"""TruncatePath."""

import asyncio

from scenarios.world.faults import TruncatePath


def test_a_message_arrives_in_part_and_then_the_connection_is_gone_for_both(wire):
    async def body(wire, client, server):
        wire.begin(TruncatePath(toward="client", after_bytes=8))
        server.transport.write(b"whole")
        server.transport.write(b"half of it")
        server.transport.write(b"never")
        await asyncio.sleep(1)
        return client.log, server.log

    log, lost = wire(body)

    assert log == ["wholehal 0.030", "lost ConnectionResetError 0.030"]
    assert lost == ["lost ConnectionResetError 0.030"]


def test_the_other_direction_goes_on_until_then(wire):
    async def body(wire, client, server):
        wire.begin(TruncatePath(toward="server"))
        server.transport.write(b"down")
        await asyncio.sleep(0.1)
        client.transport.write(b"up")
        await asyncio.sleep(1)
        return client.log, server.log

    assert wire(body) == (
        ["down 0.030", "lost ConnectionResetError 0.130"],
        ["lost ConnectionResetError 0.130"],
    )
