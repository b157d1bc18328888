"""The console in a browser: from the first link to a mended finding, by clicks.

Usage: console.py STANCE AWS, the command and the address of a mock AWS. Serves a store of its own, and stops when done.
"""

import contextlib
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

from playwright.sync_api import Page, expect, sync_playwright

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
PASSWORD = "correct horse battery"
# what a browser would otherwise ask its maker for
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking", "--disable-sync"]


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


class Server:
    """`stance serve` over a store of its own, signed in to the mock AWS."""

    def __init__(self, program: str, aws: str, store: pathlib.Path) -> None:
        self.program, self.store, self.port = str(pathlib.Path(program).resolve()), store, free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        keep = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "STANCE_"))}
        signed_in = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_REGION": "eu-central-1"}
        self.environment = keep | signed_in | {"AWS_ENDPOINT_URL": aws, "AWS_EC2_METADATA_DISABLED": "true"}
        self.process: subprocess.Popen | None = None

    def start(self) -> str:
        """Starts it; what it prints first."""
        asked = [self.program, "serve", "--database", self.store, "--listen", f"127.0.0.1:{self.port}"]
        self.process = subprocess.Popen(asked, stdout=subprocess.PIPE, env=self.environment, text=True)
        lines = [self.process.stdout.readline()]
        with contextlib.suppress(BlockingIOError):
            os.set_blocking(self.process.stdout.fileno(), False)
            deadline = time.monotonic() + 10
            while time.monotonic() < deadline and len(lines) < 2:
                lines += filter(None, [self.process.stdout.readline()])
                time.sleep(0.05)
        return "".join(lines)

    def end(self, how: signal.Signals) -> None:
        self.process.send_signal(how)
        self.process.wait(timeout=90)


def becomes_administrator(page: Page, link: str) -> None:
    page.goto(link)
    page.fill("[name=name]", "root@example.com")
    page.fill("[name=password]", PASSWORD)
    page.fill("[name=again]", PASSWORD)
    page.click("main button[type=submit]")
    expect(page.locator("main")).to_contain_text("Nothing has been scanned yet")
    # it works once
    page.context.clear_cookies()
    page.goto(link)
    expect(page.locator("main")).to_contain_text("was used or has ended")


def signs_in(page: Page, server: Server) -> None:
    page.goto(server.url + "/findings?status=failed")
    expect(page.locator("h1")).to_have_text("Sign in")
    page.fill("[name=name]", "root@example.com")
    page.fill("[name=password]", "not the password")
    page.click("main button[type=submit]")
    expect(page.locator("main")).to_contain_text("Name or password is wrong")
    page.fill("[name=password]", PASSWORD)
    page.click("main button[type=submit]")
    # where they wanted to go
    expect(page).to_have_url(server.url + "/findings?status=failed")


def adds_an_integration(page: Page) -> None:
    page.click("nav.wide >> text=Integrations")
    page.click("main >> text=Add an integration")
    page.fill("[name=name]", "Production")
    expect(page.locator("[name=member_role]")).to_be_hidden()
    page.check("[value=organization]")
    expect(page.locator("[name=member_role]")).to_be_visible()
    page.check("[value=account]")
    page.fill("[name=regions]", "nowhere in particular!")
    page.click("text=Save and scan")
    expect(page.locator("[role=alert]")).to_contain_text("nowhere")
    page.fill("[name=regions]", "eu-central-1, us-east-1")
    page.fill("[name=services]", "s3, iam, ec2")
    page.click("text=Save and scan")
    expect(page.locator("h1")).to_have_text("Production")
    page.click("text=Try the access")
    expect(page.locator("main")).to_contain_text("operations answered", timeout=120_000)


def waits_for_the_run(page: Page, server: Server) -> None:
    deadline = time.monotonic() + 180
    while time.monotonic() < deadline:
        page.goto(server.url + "/runs/1")
        if "done" in page.locator("header.title").inner_text():
            return
        time.sleep(1)
    raise AssertionError("the run did not end")


def looks_at_findings(page: Page) -> None:
    page.click("nav.wide >> text=Findings")
    page.select_option("select[name=severity]", "high")
    page.click("form.filters button[type=submit]")
    expect(page.locator(".chips")).to_contain_text("Severity: high")
    everything = page.url
    page.click(".chips a >> nth=0")
    assert page.url != everything, "a filter was not dropped"
    page.go_back()
    page.click("table.findings tbody tr >> nth=0")
    expect(page.locator("main")).to_contain_text("How to mend it")
    expect(page.locator("main")).to_contain_text("decided")
    page.click("main a[href^='/rules/'] >> nth=0")
    expect(page.locator("main")).to_contain_text("Permissions")


def takes_findings_along(page: Page, server: Server) -> None:
    page.goto(server.url + "/findings?status=failed")
    with page.expect_download() as csv:
        page.click("main >> text=CSV")
    text = pathlib.Path(csv.value.path()).read_text()
    assert text.count("\n") > 10 and "aws-" in text, text[:300]


def stays_within_the_screen(page: Page, server: Server) -> None:
    """No page is wider than a phone."""
    page.set_viewport_size({"width": 390, "height": 800})
    pages = "/ /findings /findings?group=service,severity /assets /benchmarks /rules /runs /runs/1 /integrations"
    for path in [*pages.split(), "/integrations/1", "/integrations/new", "/settings/users", "/settings/audit", "/account"]:
        page.goto(server.url + path)
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= 390, f"{path} is {width} pixels wide"
        page.click("text=Menu")
        expect(page.locator("nav[aria-label=Console] >> visible=true")).to_have_count(1)
    page.set_viewport_size({"width": 1280, "height": 900})


def stops_a_run(page: Page, server: Server) -> None:
    page.goto(server.url + "/integrations/1")
    page.click("text=Scan now")
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if page.goto(server.url + "/runs/2").status == 404:
            continue  # nobody has taken it up yet
        if page.locator("text=Stop it").count():
            page.click("text=Stop it")
            expect(page.locator("main")).to_contain_text("has asked it to stop")
            break
        if "done" in page.locator("header.title").inner_text():
            return  # it was faster than we are
        time.sleep(0.2)


def takes_a_run_from_elsewhere(page: Page, server: Server, folder: pathlib.Path) -> None:
    page.goto(server.url + "/account")
    page.fill("form[action='/account/tokens'] [name=name]", "scans of elsewhere")
    page.select_option("form[action='/account/tokens'] [name=level]", "manage")
    page.click("text=Make the token")
    token = page.locator("pre.command code").inner_text()
    scan = [server.program, "scan", "aws", "--service", "s3", "--region", "eu-central-1", "--server"]
    environment = server.environment | {"STANCE_SERVER_TOKEN": token}
    told = subprocess.run([*scan, server.url], env=environment, cwd=folder, capture_output=True, text=True)
    assert told.returncode in (0, 3, 4), told
    page.goto(server.url + "/runs/3")
    expect(page.locator("header.title")).to_contain_text("done")
    # a server that is not there gets it later
    nowhere = f"http://127.0.0.1:{free_port()}"
    told = subprocess.run([*scan, nowhere], env=environment, cwd=folder, capture_output=True, text=True)
    assert told.returncode == 5, told
    [kept] = folder.glob("*.stance-run")
    send = [server.program, "send", kept.name, "--server", server.url]
    told = subprocess.run(send, env=environment, cwd=folder, capture_output=True, text=True)
    assert told.returncode == 0 and not kept.exists(), told
    page.goto(server.url + "/runs/4")
    expect(page.locator("header.title")).to_contain_text("done")
    refused = server.environment | {"STANCE_SERVER_TOKEN": "stance_" + "0" * 64}
    told = subprocess.run([*scan, server.url], env=refused, cwd=folder, capture_output=True, text=True)
    assert told.returncode == 5 and "401" in told.stderr, told


def survives_a_kill(page: Page, server: Server) -> None:
    """A server that is killed in the midst of a scan keeps all that it has told."""
    page.goto(server.url + "/findings")
    told = page.locator("header.title p >> nth=0").inner_text()
    page.goto(server.url + "/integrations/1")
    deadline = time.monotonic() + 120
    while not page.locator("button >> text=Scan now").count() and time.monotonic() < deadline:
        time.sleep(1)
        page.reload()
    page.click("text=Scan now")
    time.sleep(2.5)
    server.end(signal.SIGKILL)
    assert "administrator" not in server.start(), "a second administrator may be made"
    page.goto(server.url + "/findings")
    assert page.locator("header.title p >> nth=0").inner_text() == told, "what was told is lost"
    subprocess.run([server.program, "store", "check", "--database", server.store], check=True, capture_output=True)


def signs_out(page: Page, server: Server) -> None:
    page.goto(server.url + "/")
    page.click("text=Sign out")
    expect(page.locator("h1")).to_have_text("Sign in")
    page.go_back()
    page.reload()
    expect(page.locator("h1")).to_have_text("Sign in")


def main(program: str, aws: str) -> int:
    if CHROMIUM is None:
        print("Chromium is not installed, so the console is not clicked through: apt-get install chromium")
        return 0
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        server = Server(program, aws, pathlib.Path(folder) / "stance.db")
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        wrong: list[str] = []
        page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        try:
            link = server.start().split("hour: ")[1].strip()
            steps = [
                lambda: becomes_administrator(page, link),
                lambda: signs_in(page, server),
                lambda: adds_an_integration(page),
                lambda: waits_for_the_run(page, server),
                lambda: looks_at_findings(page),
                lambda: takes_findings_along(page, server),
                lambda: stays_within_the_screen(page, server),
                lambda: stops_a_run(page, server),
                lambda: takes_a_run_from_elsewhere(page, server, pathlib.Path(folder)),
                lambda: survives_a_kill(page, server),
                lambda: signs_out(page, server),
            ]
            for step in steps:
                step()
            # a status of an error is told on the console by Chromium itself
            scripts = [text for text in wrong if "Failed to load resource" not in text]
            assert not scripts, f"the browser complains: {scripts}"
            server.end(signal.SIGTERM)
            assert server.process.returncode == 0, server.process.returncode
        finally:
            server.process.kill()
            browser.close()
    print("the console was clicked through")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
