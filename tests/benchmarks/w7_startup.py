"""W7: how long the node takes to import, and an empty node from build to RUNNING and back to STOPPED.

W7a: wall and peak RSS of `import nautilus_live.live.node` in a fresh interpreter, bare interpreter included.
W7b: build + run of an empty node until RUNNING, wall after the import; with the stop measured beside it.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

from common import emit

ROOT = Path(__file__).parents[2]
IMPORT = "import nautilus_live.live.node, resource; print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)"
CHILD = """
import asyncio, json, resource, time
t0 = time.perf_counter()
from nautilus_live.live.node import TradingNode
from nautilus_live.config import Environment, TradingNodeConfig
t1 = time.perf_counter()
node = TradingNode(TradingNodeConfig(environment=Environment.SANDBOX, trader_id="BENCH-001",
                                     timeout_disconnection=2.0, timeout_post_stop=0.1))
node.build()
t2 = time.perf_counter()
async def go():
    task = asyncio.ensure_future(node.run_async())
    while not node.is_running(): await asyncio.sleep(0.001)
    a = time.perf_counter()
    await node.stop_async()
    b = time.perf_counter()
    await task
    return a, b
a, b = node.get_event_loop().run_until_complete(go())
node.dispose()
print(json.dumps([t1 - t0, t2 - t1, a - t2, b - a, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024]))
"""


def run(code: str) -> str:
    """Run `code` in a fresh interpreter; returns the last line it printed."""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()[-1]


def main() -> None:
    """Measure both."""
    began = time.perf_counter()
    rss_mb = float(run(IMPORT))
    emit("W7a", 1, time.perf_counter() - began, rss_mb=round(rss_mb, 1))
    import_s, build_s, running_s, stop_s, rss_mb = json.loads(run(CHILD))
    emit(
        "W7b",
        1,
        build_s + running_s,
        import_s=round(import_s, 3),
        build_s=round(build_s, 4),
        to_running_s=round(running_s, 4),
        stop_s=round(stop_s, 4),
        rss_mb=round(rss_mb, 1),
    )


if __name__ == "__main__":
    main()
