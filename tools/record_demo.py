"""Records the demo: a proxy before a mock AWS that keeps every exchange.

Usage: record_demo.py UPSTREAM OUTPUT REGION[,REGION…] COMMAND…

Starts the proxy on a free port, runs COMMAND with AWS_ENDPOINT_URL pointing at it, and writes the
exchanges to OUTPUT: one JSON object a line, sorted, the moment of the recording in the first.
"""

import datetime
import hashlib
import http.client
import http.server
import json
import os
import re
import subprocess
import sys
import threading
import urllib.parse

# one thing that the demo's reader may not read, so that the report shows what that looks like
DENIED = {("us-east-1", "Action=DescribeVolumes")}

EXCHANGES = {}


def key_of(headers, method, path, body):
    """The same as `key` in crates/demo/src/recording.rs."""
    credential = re.search(r"Credential=([^,]*)", headers.get("authorization", ""))
    scope = "/".join(credential.group(1).split("/")[2:4]) if credential else ""
    digest = hashlib.sha256(body).hexdigest()[:24]
    return f"{scope} {method} {path} {headers.get('x-amz-target', '')} {digest}"


class Proxy(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    upstream = None

    def handle_any(self):
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        key = key_of(self.headers, self.command, self.path, body)
        if any(key.startswith(region + "/") and action.encode() in body for region, action in DENIED):
            status, content_type, answer = 403, "text/xml", (
                "<Response><Errors><Error><Code>UnauthorizedOperation</Code>"
                "<Message>You are not authorized to perform this operation.</Message>"
                "</Error></Errors><RequestID>demo</RequestID></Response>").encode()
        else:
            connection = http.client.HTTPConnection(self.upstream.hostname, self.upstream.port, timeout=60)
            headers = {name: value for name, value in self.headers.items()
                       if name.lower() not in ("connection", "accept-encoding")}
            connection.request(self.command, self.path, body=body, headers=headers)
            response = connection.getresponse()
            answer = response.read()
            status, content_type = response.status, response.getheader("content-type") or ""
        EXCHANGES[key] = {"key": key, "status": status, "content_type": content_type,
                          "body": answer.decode()}
        self.send_response(status)
        self.send_header("content-type", content_type)
        self.send_header("content-length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    do_GET = do_POST = do_PUT = do_HEAD = handle_any

    def log_message(self, *_):
        pass


def main(upstream, output, regions, *command):
    Proxy.upstream = urllib.parse.urlparse(upstream)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Proxy)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    environment = dict(os.environ, AWS_ENDPOINT_URL=f"http://127.0.0.1:{server.server_port}")
    now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    # a scan of a failing estate ends with 3
    status = subprocess.run(command, env=environment, stdout=subprocess.DEVNULL).returncode
    if status not in (0, 3, 4):
        sys.exit(f"the scan ended with status {status}")
    with open(output, "w") as out:
        out.write(json.dumps({"recorded_at": now, "regions": regions.split(",")}) + "\n")
        for key in sorted(EXCHANGES):
            out.write(json.dumps(EXCHANGES[key]) + "\n")
    print(f"{len(EXCHANGES)} exchanges in {output}")


if __name__ == "__main__":
    main(*sys.argv[1:])
