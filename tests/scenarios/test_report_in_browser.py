"""The report in a real browser: the script runs, keys and clicks do what they say, nothing is asked of the network.

Chromium is driven over its debugging pipe, with the standard library alone. Without Chromium these tests are skipped.
"""

from __future__ import annotations

import base64
import json
import os
import select
import shutil
import struct
import subprocess
import time
import zlib
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from scenarios.format import load_text
from scenarios.library import LIBRARY, ScenarioFile
from scenarios.report.index import write_report
from scenarios.run import run
from tests.children import child

CHROMIUM = next(
    (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), ""
)
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--force-color-profile=srgb",
    "--remote-debugging-pipe",
]
PATIENCE_S = 60.0
STORM = """
title = "A storm in a browser"
story = "Acknowledgements get lost, and a stranger writes <img src=x onerror=document.title='hacked'> into a story."
steps = [
  { at = "0s", do = "node.start" },
  { at = "500ms", do = "wire.drop", report = "ack", order = "O-1", name = "lost" },
  { at = "1s", do = "strategy.submit", order = "O-1", side = "BUY", quantity = "1.000", price = "50000.00" },
  { at = "3s", do = "node.crash" },
  { at = "4s", do = "venue.trade", order = "O-1", quantity = "1.000", trade = "T-1" },
  { at = "9s", do = "node.start" },
]
[expect]
orders = { O-1 = "FILLED 0.900" }
"""

pytestmark = pytest.mark.skipif(not CHROMIUM, reason="no chromium is on the PATH (Debian: apt-get install chromium)")


class Browser:
    """One tab of a Chromium of its own."""

    def __init__(self, read: int, write: int) -> None:
        self._read, self._write = read, write
        self._buffer = b""
        self._count = 0
        self._session: str | None = None
        self.events: list[dict[str, Any]] = []
        targets = self.ask("Target.getTargets")["targetInfos"]
        page = next(target for target in targets if target["type"] == "page")
        self._session = self.ask("Target.attachToTarget", targetId=page["targetId"], flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.ask(f"{domain}.enable")

    def ask(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Send a command and return its result; events that come meanwhile are kept."""
        self._count += 1
        message: dict[str, Any] = {"id": self._count, "method": method, "params": parameters}
        if self._session is not None:
            message["sessionId"] = self._session
        os.write(self._write, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._next()
            if answer.get("id") == self._count:
                assert "error" not in answer, f"{method}: {answer}"
                result: dict[str, Any] = answer["result"]
                return result
            self.events.append(answer)

    def _next(self) -> dict[str, Any]:
        deadline = time.monotonic() + PATIENCE_S
        while b"\0" not in self._buffer:
            ready, _, _ = select.select([self._read], [], [], max(0.0, deadline - time.monotonic()))
            assert ready, f"the browser must answer within {PATIENCE_S} s"
            piece = os.read(self._read, 1 << 20)
            assert piece, "the browser must not close its pipe"
            self._buffer += piece
        raw, _, self._buffer = self._buffer.partition(b"\0")
        message: dict[str, Any] = json.loads(raw)
        return message

    def open(self, url: str, *, dark: bool = False, script: bool = True, width: int = 1440, height: int = 1000) -> None:
        """Go to a page and wait until it is loaded."""
        scheme = [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]
        self.ask("Emulation.setEmulatedMedia", features=scheme)
        self.ask("Emulation.setScriptExecutionDisabled", value=not script)
        self.ask("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        self._go("about:blank")  # from one place of a page to another nothing would be loaded
        self._go(url)

    def _go(self, url: str) -> None:
        self.events.clear()
        self.ask("Page.navigate", url=url)
        while not any(event.get("method") == "Page.loadEventFired" for event in self.events):
            self.events.append(self._next())

    def value(self, expression: str) -> Any:
        """Return what a JavaScript expression is worth."""
        answer = self.ask("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def press(self, *keys: str) -> None:
        """Press keys, one after the other."""
        for key in keys:
            text = {"text": key} if len(key) == 1 else {}
            self.ask("Input.dispatchKeyEvent", type="keyDown", key=key, **text)
            self.ask("Input.dispatchKeyEvent", type="keyUp", key=key)

    def click(self, selector: str) -> None:
        """Click in the middle of the first element that a selector names."""
        x, y = self.point(selector)
        for kind in ("mousePressed", "mouseReleased"):
            self.ask("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def hover(self, selector: str) -> None:
        """Move the mouse to the middle of an element."""
        x, y = self.point(selector)
        self.ask("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)

    def point(self, selector: str) -> tuple[float, float]:
        """Return the middle of an element, scrolled into view."""
        box = self.value(
            f"(() => {{ const e = document.querySelector({json.dumps(selector)});"
            " e.scrollIntoView({block: 'center'});"
            " const b = e.getBoundingClientRect(); return [b.x + b.width / 2, b.y + b.height / 2]; })()"
        )
        return box[0], box[1]

    def picture(self) -> bytes:
        """Return what is to be seen, as a PNG."""
        return base64.b64decode(self.ask("Page.captureScreenshot", format="png")["data"])

    def complaints(self) -> list[str]:
        """Return errors of the console and of scripts since the page was opened."""
        self.ask("Runtime.evaluate", expression="0")
        errors = [e for e in self.events if e.get("method") == "Runtime.exceptionThrown"]
        errors += [
            e
            for e in self.events
            if e.get("method") in ("Log.entryAdded", "Runtime.consoleAPICalled")
            and (e["params"].get("entry", {}).get("level") == "error" or e["params"].get("type") == "error")
        ]
        return [json.dumps(error) for error in errors]

    def requests(self) -> list[str]:
        """Return the addresses that were asked for since the page was opened."""
        wanted = [e for e in self.events if e.get("method") == "Network.requestWillBeSent"]
        return [event["params"]["request"]["url"] for event in wanted]


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with ExitStack() as stack:
        to_browser, from_us, to_us, from_browser = *os.pipe(), *os.pipe()
        for end in (from_us, to_us):
            stack.callback(os.close, end)
        # Chromium reads commands from descriptor 3 and writes to 4; the shell puts our pipes there.
        command = f'exec "$0" "$@" 3<&{to_browser} 4>&{from_browser}'
        profile = f"--user-data-dir={tmp_path_factory.mktemp('profile')}"
        try:
            stack.enter_context(
                child(
                    ["bash", "-c", command, CHROMIUM, *FLAGS, profile, "about:blank"],
                    limit_s=None,  # it serves many tests; each answer has a limit of its own
                    pass_fds=(to_browser, from_browser),
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                )
            )
        finally:
            os.close(to_browser)
            os.close(from_browser)
        yield Browser(to_us, from_us)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("report")
    runs = []
    texts = {
        "mine/storm.toml": STORM,
        "scenarios/startup/missed_fills.toml": (LIBRARY / "startup" / "missed_fills.toml").read_text(encoding="utf-8"),
    }
    for name, text in texts.items():
        scenario = load_text(text)
        file = ScenarioFile(name=name, path=Path(name), scenario=scenario)
        runs.append((file, run(scenario, records=True)))
    write_report(target, runs)
    return target


def url_of(folder: Path, name: str) -> str:
    return (folder / name).as_uri()


STORM_PAGE = "mine-storm-direct.html"


def colours(png: bytes) -> int:
    """Return how many different bytes the pixels of a PNG are made of; a blank picture has very few."""
    data, position = b"", 8
    while position < len(png):
        (length,) = struct.unpack(">I", png[position : position + 4])
        if png[position + 4 : position + 8] == b"IDAT":
            data += png[position + 8 : position + 8 + length]
        position += 12 + length
    return len(dict.fromkeys(zlib.decompress(data)))


def paper(browser: Browser) -> str:
    return str(browser.value("getComputedStyle(document.body).backgroundColor"))


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_the_page_shows_itself_in_light_and_dark_without_a_complaint(
    browser: Browser, folder: Path, dark: bool
) -> None:
    browser.open(url_of(folder, STORM_PAGE), dark=dark)

    assert int(browser.value("document.documentElement.dataset.ready")) > 50, "the script must run to its end"
    assert browser.complaints() == []
    assert [url for url in browser.requests() if not url.startswith(("file:", "data:"))] == []
    assert (paper(browser) == "rgb(252, 251, 248)") is not dark
    assert colours(browser.picture()) > 100


def test_markup_in_a_story_stays_text(browser: Browser, folder: Path) -> None:
    browser.open(url_of(folder, STORM_PAGE))

    assert browser.value("document.querySelectorAll('img').length") == 0
    assert "hacked" not in browser.value("document.title")
    assert "<img src=x" in browser.value("document.querySelector('.story').textContent")


def test_j_and_k_walk_and_the_inspector_shows_both_times(browser: Browser, folder: Path) -> None:
    browser.open(url_of(folder, STORM_PAGE))
    browser.press("j", "j", "j")
    third = browser.value("document.querySelector('.transcript .on').id")
    times = browser.value("document.querySelector('.inspector .times').textContent")

    assert third == "r3"
    assert browser.value("document.querySelector('.inspector').hidden") is False
    assert "sent 0.020 s" in times
    assert "arrived 0.030 s" in times
    assert browser.value("document.querySelectorAll('.canvas .on').length") >= 2, "arrow and label are both marked"

    browser.press("k")
    assert browser.value("document.querySelector('.transcript .on').id") == "r2"
    browser.press("n")
    assert "wire.drop" in browser.value("document.querySelector('.chapter.on').textContent")
    browser.press("Escape")
    assert browser.value("document.querySelector('.inspector').hidden") is True


def test_a_message_is_shown_in_full_on_hover_and_click(browser: Browser, folder: Path) -> None:
    browser.open(url_of(folder, STORM_PAGE))
    browser.hover(".label.request")
    hovered = browser.value("document.querySelector('.inspector .full').textContent")
    browser.click(".label.answer")

    assert "request query.instruments" in hovered
    assert "answer query.instruments" in browser.value("document.querySelector('.inspector .full').textContent")
    assert browser.value("document.querySelector('.label.on') !== null")


def test_slash_finds_and_dims_the_rest(browser: Browser, folder: Path) -> None:
    browser.open(url_of(folder, STORM_PAGE))
    browser.press("/")
    browser.press(*"OrderAccepted")
    listed = browser.value("[...document.querySelectorAll('.transcript li')].filter(e => e.offsetParent).length")

    assert browser.value("document.activeElement.type") == "search"
    assert listed == browser.value("document.querySelectorAll('.transcript li.hit').length")
    assert 0 < listed < 10
    browser.press("Escape")
    assert browser.value("document.documentElement.classList.contains('seeking')") is False


def test_the_theme_can_be_turned_by_key_and_button(browser: Browser, folder: Path) -> None:
    browser.open(url_of(folder, STORM_PAGE) + "?theme=light")
    light = paper(browser)
    browser.press("t")
    dark = paper(browser)
    browser.click("button.theme")

    assert light != dark
    assert paper(browser) == light


def test_words_do_not_lie_upon_each_other(browser: Browser, folder: Path) -> None:
    browser.open(url_of(folder, STORM_PAGE))
    overlaps = browser.value(
        "(() => { const boxes = [...document.querySelectorAll('.note span, .label, .band, .chapter, .fault')]"
        ".map(e => [e.textContent, e.getBoundingClientRect()]); const found = [];"
        "for (let i = 0; i < boxes.length; i++) for (let j = i + 1; j < boxes.length; j++) {"
        "const a = boxes[i][1], b = boxes[j][1];"
        "if (Math.min(a.right, b.right) - Math.max(a.left, b.left) > 2"
        " && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 3)"
        " found.push(boxes[i][0] + ' | ' + boxes[j][0]); } return found; })()"
    )

    assert overlaps == []


def test_without_script_everything_is_there_to_read(browser: Browser, folder: Path) -> None:
    browser.open(url_of(folder, STORM_PAGE) + "#r5", script=False)
    document = browser.ask("DOM.getDocument")["root"]["nodeId"]
    tools = browser.ask("DOM.querySelector", nodeId=document, selector=".tools")["nodeId"]
    target = browser.ask("DOM.querySelector", nodeId=document, selector=".transcript li:target")["nodeId"]

    assert target != 0, "links of the diagram lead to lines of the transcript"
    with pytest.raises(AssertionError, match="box"):
        browser.ask("DOM.getBoxModel", nodeId=tools)  # what needs a script is not shown
    assert browser.ask("DOM.getBoxModel", nodeId=target)["model"]["height"] > 10
    assert colours(browser.picture()) > 100


def test_it_prints_on_paper(browser: Browser, folder: Path) -> None:
    browser.open(url_of(folder, STORM_PAGE), dark=True)
    pdf = base64.b64decode(browser.ask("Page.printToPDF", printBackground=True, preferCSSPageSize=True)["data"])

    assert pdf.startswith(b"%PDF")
    assert len(pdf) > 20_000


def test_the_index_leads_to_every_page_and_finds(browser: Browser, folder: Path) -> None:
    browser.open(url_of(folder, "index.html"))
    links = browser.value("[...document.querySelectorAll('.runs a')].map(a => a.getAttribute('href'))")
    browser.press("/", *"missed")

    assert len(links) == 2
    assert all((folder / link).is_file() for link in links)
    assert browser.value("[...document.querySelectorAll('.runs li')].filter(e => e.offsetParent).length") == 1
    assert browser.complaints() == []
