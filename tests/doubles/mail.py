"""A mail server on loopback with STARTTLS and a sign-in; keeps each message as a file.

Usage: mail.py FOLDER. Prints a line of JSON with its port, then runs until it is ended. FOLDER gets `ca.pem` with
the authority that speaks for `localhost`, and the messages as `1.eml`, `2.eml` and so on.
"""

import json
import pathlib
import socket
import sys
import time

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from certificates import server_context

USER, PASSWORD = b"stance", b"smtp-never-shown"


class Keep:
    def __init__(self, folder):
        self.folder, self.count = folder, 0

    async def handle_DATA(self, server, session, envelope):
        self.count += 1
        (self.folder / f"{self.count}.eml").write_bytes(envelope.content)
        return "250 kept"


def sign_in(server, session, envelope, mechanism, data):
    return AuthResult(success=(data.login, data.password) == (USER, PASSWORD))


folder = pathlib.Path(sys.argv[1])
controller = Controller(
    Keep(folder),
    hostname="127.0.0.1",
    port=0,
    tls_context=server_context(folder),
    require_starttls=True,
    authenticator=sign_in,
    auth_required=True,
)
controller.ready_timeout = 20
# the controller wants to know its port; the system chooses one
with socket.socket() as probe:
    probe.bind(("127.0.0.1", 0))
    controller.port = probe.getsockname()[1]
controller.start()
print(json.dumps({"port": controller.port}), flush=True)
while True:
    time.sleep(3600)
