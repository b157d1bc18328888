"""Asks the API what its own description allows and forbids, and holds each answer against it.

Usage: api.py SMALL_API, the example of crates/server. Starts it, and stops it when schemathesis is done.
"""

import os
import pathlib
import subprocess
import sys

CONFIGURATION = pathlib.Path(__file__).with_name("schemathesis.toml")


def main(program: str) -> int:
    with subprocess.Popen([program], stdout=subprocess.PIPE, text=True) as server:
        try:
            address, token = (server.stdout.readline().strip() for _ in range(2))
            schemathesis = pathlib.Path(sys.executable).with_name("schemathesis")
            asked = [schemathesis, "--config-file", CONFIGURATION, "run", f"{address}/api/openapi.json", "--no-color"]
            return subprocess.run(asked, check=False, env=os.environ | {"TOKEN": token}).returncode
        finally:
            server.kill()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
