"""
Render the demo's page and mail in Chromium at a phone's and a desk's width, and judge what can be judged by machine.

Usage: pictures.py HOME FOLDER [--chromium PROGRAM]

Writes FOLDER/{page,mail}-{390,1280}.png. Fails when a document is missing or nearly empty, is wider than
the screen, asks for anything outside itself, or writes an error to the console. Standard library only:
Chromium is driven over its debugging pipe, which (unlike --screenshot) can be as narrow as a phone.
"""

from __future__ import annotations

import argparse
import base64
import email
import email.policy
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

WIDTHS = (390, 1280)
#: A document that says less than this has not been filled.
LEAST_TEXT = 200
#: Taller pictures are cut: nobody looks at them, and they need memory.
GREATEST_HEIGHT = 6000
PROGRAMS = ("chromium", "chromium-browser", "google-chrome")


@dataclass
class Browser:
    """One Chromium, spoken to in messages that end with a zero byte."""

    to_browser: int
    from_browser: int
    events: list[dict[str, Any]] = field(default_factory=list)
    _n_sent: int = 0
    _unread: bytes = b""

    def call(self, method: str, session: str | None = None, **params: object) -> dict[str, Any]:
        """Send one command and return its result; events that come meanwhile are kept."""
        self._n_sent += 1
        message: dict[str, object] = {"id": self._n_sent, "method": method, "params": params}
        if session:
            message["sessionId"] = session
        os.write(self.to_browser, json.dumps(message).encode() + b"\0")
        while True:
            reply = self._receive()
            if reply.get("id") == self._n_sent:
                if "error" in reply:
                    raise SystemExit(f"Chromium refused {method}: {reply['error']}")
                return dict(reply["result"])
            self.events.append(reply)

    def wait_for(self, method: str) -> None:
        """Wait until the event *method* has come."""
        while not any(event.get("method") == method for event in self.events):
            self.events.append(self._receive())

    def _receive(self) -> dict[str, Any]:
        while b"\0" not in self._unread:
            chunk = os.read(self.from_browser, 1 << 16)
            if not chunk:
                raise SystemExit("Chromium ended unexpectedly.")
            self._unread += chunk
        message, _, self._unread = self._unread.partition(b"\0")
        return dict(json.loads(message))


@contextmanager
def chromium(program: str) -> Iterator[Browser]:
    """Start Chromium without a network and stop it afterwards."""
    theirs_in, ours_out = os.pipe()
    ours_in, theirs_out = os.pipe()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        # The pipe's ends must be the descriptors 3 and 4 over there.
        command = f'exec "$0" "$@" 3<&{theirs_in} 4>&{theirs_out}'
        options = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--hide-scrollbars",
            "--remote-debugging-pipe",
            "--host-resolver-rules=MAP * ~NOTFOUND",
            f"--user-data-dir={profile}",
        ]
        process = subprocess.Popen(
            ["bash", "-c", command, program, *options],
            pass_fds=(theirs_in, theirs_out),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(theirs_in)
        os.close(theirs_out)
        try:
            yield Browser(ours_out, ours_in)
        finally:
            process.terminate()
            process.wait(timeout=30)
            os.close(ours_out)
            os.close(ours_in)


def render(program: str, document: Path, width: int, picture: Path) -> list[str]:
    """Write *picture* of *document* at *width* and return what is wrong with it."""
    with chromium(program) as browser:
        target = browser.call("Target.createTarget", url="about:blank")["targetId"]
        session = browser.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Network", "Runtime", "Log"):
            browser.call(f"{domain}.enable", session)
        is_phone = width < 600
        browser.call(
            "Emulation.setDeviceMetricsOverride",
            session,
            width=width,
            height=844 if is_phone else 900,
            deviceScaleFactor=1,
            mobile=is_phone,
        )
        browser.events.clear()
        browser.call("Page.navigate", session, url=document.as_uri())
        browser.wait_for("Page.loadEventFired")
        n_characters = evaluate(browser, session, "document.body.innerText.trim().length")
        content_width = evaluate(browser, session, "document.documentElement.scrollWidth")
        height = min(evaluate(browser, session, "document.documentElement.scrollHeight"), GREATEST_HEIGHT)
        clip = {"x": 0, "y": 0, "width": width, "height": height, "scale": 1}
        shot = browser.call("Page.captureScreenshot", session, format="png", captureBeyondViewport=True, clip=clip)
        picture.write_bytes(base64.b64decode(shot["data"]))
        faults = list(page_faults(browser.events))
    if n_characters < LEAST_TEXT:
        faults.append(f"shows {n_characters} characters only")
    if content_width > width:
        faults.append(f"is {content_width} px wide on a screen of {width} px")
    return faults


def evaluate(browser: Browser, session: str, expression: str) -> int:
    """Return what *expression* is in the page."""
    return int(browser.call("Runtime.evaluate", session, expression=expression)["result"]["value"])


def page_faults(events: list[dict[str, Any]]) -> Iterator[str]:
    """Yield requests that leave the document, and errors of its scripts."""
    for event in events:
        params = event.get("params", {})
        match event.get("method"):
            case "Network.requestWillBeSent" if not params["request"]["url"].startswith(("file:", "data:")):
                yield f"asks for {params['request']['url']}"
            case "Runtime.exceptionThrown":
                yield f"script error: {params['exceptionDetails'].get('text')}"
            case "Log.entryAdded" if params["entry"]["level"] == "error":
                yield f"console: {params['entry']['text']}"


def html_of_mail(path: Path) -> str:
    """Return the mail's HTML with its embedded pictures put where it names them."""
    message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    body = message.get_body(("html",))
    if body is None:
        raise SystemExit(f"{path.name} has no HTML part")
    html = str(body.get_content())
    for part in message.walk():
        name = (part["Content-ID"] or "").strip("<> ")
        if name:
            content = base64.b64encode(part.get_payload(decode=True) or b"").decode()
            html = html.replace(f"cid:{name}", f"data:{part.get_content_type()};base64,{content}")
    # A mail client knows the encoding from the header; a browser needs to be told.
    return html if re.search(r"<meta[^>]+charset", html, re.IGNORECASE) else f'<meta charset="utf-8">{html}'


def main() -> None:
    """Render both documents at both widths."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("home", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--chromium", default=next(filter(None, map(shutil.which, PROGRAMS)), None))
    arguments = parser.parse_args()
    if arguments.chromium is None:
        raise SystemExit("Chromium is not installed; the page and the mail cannot be looked at.")
    arguments.folder.mkdir(parents=True, exist_ok=True)
    mails = sorted((arguments.home / "outbox").rglob("*.eml"))
    if not mails:
        raise SystemExit(f"no mail in {arguments.home / 'outbox'}")
    mail = arguments.folder / "mail.html"
    mail.write_text(html_of_mail(mails[-1]), encoding="utf-8")
    page = (arguments.home / "site" / "index.html").resolve(strict=True)

    is_wrong = False
    for name, document in (("page", page), ("mail", mail.resolve())):
        for width in WIDTHS:
            picture = arguments.folder / f"{name}-{width}.png"
            faults = render(arguments.chromium, document, width, picture)
            print(f"{picture}: {'; '.join(faults) or 'ok'}")
            is_wrong = is_wrong or bool(faults)
    sys.exit(1 if is_wrong else 0)


if __name__ == "__main__":
    main()
