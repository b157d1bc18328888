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
import xml.etree.ElementTree

# one thing that the demo's reader may not read, so that the report shows what that looks like
DENIED = {("us-east-1", "Action=DescribeVolumes")}

# what the mock does not have: as an account would answer that has none of it
STAND_INS = {
    "access-analyzer GET /analyzer": {"analyzers": []},
    "oam POST /ListLinks": {"Items": []},
    "oam POST /ListSinks": {"Items": []},
    "account POST /getContactInformation": {"ContactInformation": {
        "FullName": "Acme Security", "PhoneNumber": "+49 30 5550100", "AddressLine1": "Example Street 1",
        "City": "Berlin", "PostalCode": "10115", "CountryCode": "DE"}},
}

# what it does not have, and the demo's reader may not read
REFUSED = {
    "iam": ("text/xml", "<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code>"
                        "<Message>not authorized to perform this operation</Message></Error></ErrorResponse>"),
    "macie2": ("application/json", '{"__type": "AccessDeniedException", "message": "Macie is not enabled."}'),
    "securityhub": ("application/json", '{"__type": "InvalidAccessException", "Message": "not subscribed"}'),
    "lambda": ("application/json", '{"message": "not authorized to perform this operation", "__type": "AccessDeniedException"}'),
}

EXCHANGES = {}


def key_of(headers, method, path, body):
    """The same as `key` in crates/demo/src/recording.rs."""
    credential = re.search(r"Credential=([^,]*)", headers.get("authorization", ""))
    scope = "/".join(credential.group(1).split("/")[2:4]) if credential else ""
    digest = hashlib.sha256(body).hexdigest()[:24]
    return f"{scope} {method} {path} {headers.get('x-amz-target', '')} {digest}"


IAM = "https://iam.amazonaws.com/doc/2010-05-08/"


def without_unused_policies(answer):
    """AWS tells only those of its own policies that are in use; the mock tells all thousand of them."""
    xml.etree.ElementTree.register_namespace("", IAM)
    root = xml.etree.ElementTree.fromstring(answer)
    for policies in root.iter(f"{{{IAM}}}Policies"):
        for policy in list(policies):
            arn, attached = (policy.findtext(f"{{{IAM}}}{name}") or "" for name in ("Arn", "AttachmentCount"))
            if ":iam::aws:" in arn and attached == "0":
                policies.remove(policy)
    return xml.etree.ElementTree.tostring(root)


def stood_in(key, status, content_type, answer):
    """The answer, or what stands in for it where the mock does not have the operation."""
    if status < 500 and not (status == 404 and b"<html" in answer.lower()):
        return status, content_type, answer
    service = key.split(" ", 1)[0].split("/")[-1]
    for start, document in STAND_INS.items():
        if f"{service} {key.split(' ', 1)[1]}".startswith(start):
            return 200, "application/json", json.dumps(document).encode()
    if service in REFUSED:
        return 403, REFUSED[service][0], REFUSED[service][1].encode()
    return status, content_type, answer


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
            if b"<GetAccountAuthorizationDetailsResult>" in answer:
                answer = without_unused_policies(answer)
            status, content_type, answer = stood_in(
                key, response.status, response.getheader("content-type") or "", answer)
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
