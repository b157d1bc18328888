"""A gateway before a mock AWS that makes trouble, account by account, and counts what it is asked.

Usage: gateway.py UPSTREAM. Prints its own address, then serves until it is ended. Which access key belongs to which
account it learns from the answers to AssumeRole; any other key is of the account that signs in, SIGNER.

Troubles are told by `PUT /_gateway/troubles` as JSON: an account's number to what troubles it, any of

    {"role": "missing"}           AssumeRole is denied
    {"throttled": 5}              the first five requests to each service are answered with Throttling
    {"rate": 10}                  every request beyond ten within a second to one service is answered with Throttling
    {"errors": 3}                 every third request to each service is answered with status 500, 503 in turn
    {"cut": "s3"}                 bodies of that service are cut in the middle, and the connection closed
    {"hangs": true}               nothing is ever answered
    {"expires": 3}                after three requests the token is expired
    {"off": ["eu-central-1"]}     those regions are not enabled for the account
    {"delay": 0.05}               every answer takes so many seconds longer

`*` stands for all accounts that are not named. `GET /_gateway/counts` tells the requests as a list of account, service,
region, operation and number; and for each account and service the most requests within any one second, before and
after the first complaint. `POST /_gateway/reset` begins to count anew; troubles stay as they are.
"""

import collections
import http.client
import http.server
import json
import re
import socket
import sys
import threading
import time
import urllib.parse

CONTROL = "/_gateway/"
SIGNER = "123456789012"
# those whose errors are JSON; the others' are XML
JSON_TYPES = ("application/x-amz-json", "application/json")
# headers that are of one connection and not of the message
HOP = {"connection", "keep-alive", "transfer-encoding", "content-length", "date", "server"}
# longer than anybody waits
FOREVER = 600


class Request:
    """What a request is about: who asks which service where for what."""

    def __init__(self, handler, body):
        self.body = body
        self.type = handler.headers.get("content-type", "")
        scope = re.search(r"Credential=([^/]+)/\d+/([^/]+)/([^/]+)/", handler.headers.get("authorization", ""))
        self.key, self.region, self.service = scope.groups() if scope else ("", "", "")
        self.form = urllib.parse.parse_qs(body.decode()) if "x-www-form-urlencoded" in self.type else {}
        target = handler.headers.get("x-amz-target")
        if target:
            self.operation = target.rpartition(".")[2]
        elif "Action" in self.form:
            self.operation = self.form["Action"][0]
        else:
            path, _, query = handler.path.partition("?")
            names = sorted(name for name, _ in urllib.parse.parse_qsl(query, keep_blank_values=True) if name != "x-id")
            self.operation = f"{handler.command} {path}" + ("?" + "&".join(names) if names else "")

    def role_account(self):
        """The account of the role that is to be assumed."""
        return self.form.get("RoleArn", [":::::"])[0].split(":")[4] if self.operation == "AssumeRole" else None

    def error(self, status, code, message):
        """An error in the form of the service."""
        if self.type.startswith(JSON_TYPES):
            return status, "application/x-amz-json-1.1", json.dumps({"__type": code, "message": message}).encode()
        error = f"<Code>{code}</Code><Message>{message}</Message>"
        if self.service == "ec2":
            text = f"<Response><Errors><Error>{error}</Error></Errors><RequestID>r</RequestID></Response>"
        elif self.service == "s3":
            text = f"<Error>{error}<RequestId>r</RequestId></Error>"
        else:
            text = f"<ErrorResponse><Error>{error}</Error><RequestId>r</RequestId></ErrorResponse>"
        return status, "text/xml", text.encode()


class Times:
    """When an account's requests to a service came."""

    def __init__(self):
        self.second = collections.deque()
        self.highest = 0
        self.complained = None
        self.highest_after = 0

    def add(self, now):
        """The number within the last second, this one too."""
        self.second.append(now)
        while self.second[0] <= now - 1:
            self.second.popleft()
        self.highest = max(self.highest, len(self.second))
        # whole seconds after the first complaint, so that what was under way then is not counted
        if self.complained is not None and now - self.complained >= 2:
            self.highest_after = max(self.highest_after, len(self.second))
        return len(self.second)


class Book:
    """Troubles, keys and counts, shared by all connections."""

    def __init__(self):
        self.lock = threading.Lock()
        self.troubles = {}
        self.accounts = {}
        self.reset()

    def reset(self):
        self.counts = collections.Counter()
        self.asked = collections.Counter()
        self.accepted = collections.defaultdict(collections.deque)
        self.throttled = collections.Counter()
        self.times = collections.defaultdict(Times)

    def trouble(self, account):
        return self.troubles.get(account, self.troubles.get("*", {}))

    def decide(self, request):
        """The account, and the trouble that meets the request: an error, `hang`, `cut`, or nothing."""
        with self.lock:
            account = request.role_account() or self.accounts.get(request.key, SIGNER)
            self.counts[account, request.service, request.region, request.operation] += 1
            now = time.monotonic()
            at_service = (account, request.service)
            times = self.times[at_service]
            times.add(now)
            trouble = self.trouble(account)
            answer = self.answer(request, trouble, account, at_service, now)
            if isinstance(answer, tuple) and b"Throttling" in answer[2]:
                self.throttled[account] += 1
                times.complained = times.complained or now
            return account, trouble, answer

    def answer(self, request, trouble, account, at_service, now):
        if request.operation == "AssumeRole":
            if trouble.get("role") == "missing":
                return request.error(403, "AccessDenied", "not authorized to perform: sts:AssumeRole")
            return None
        self.asked[account] += 1
        self.asked[at_service] += 1
        count = self.asked[at_service]
        if trouble.get("hangs"):
            return "hang"
        if self.asked[account] > trouble.get("expires", FOREVER * FOREVER):
            return request.error(403, "ExpiredToken", "The security token included in the request is expired")
        if request.region in trouble.get("off", ()):
            code = "AuthFailure" if request.service == "ec2" else "OptInRequired"
            return request.error(403, code, "the account is not subscribed to this region")
        if count <= trouble.get("throttled", 0):
            return request.error(400, "Throttling", "Rate exceeded")
        if "rate" in trouble:
            accepted = self.accepted[at_service]
            while accepted and accepted[0] <= now - 1:
                accepted.popleft()
            if len(accepted) >= trouble["rate"]:
                return request.error(400, "Throttling", "Rate exceeded")
            accepted.append(now)
        if "errors" in trouble and count % trouble["errors"] == 0:
            odd = (count // trouble["errors"]) % 2
            return request.error(500, "InternalFailure", "broken") if odd else request.error(503, "ServiceUnavailable", "busy")
        return "cut" if trouble.get("cut") == request.service else None

    def learn(self, request, body):
        key = re.search(rb"<AccessKeyId>([^<]+)</AccessKeyId>", body)
        if key:
            with self.lock:
                self.accounts[key.group(1).decode()] = request.role_account()

    def told(self):
        names = ("account", "service", "region", "operation")
        with self.lock:
            return {
                "requests": [dict(zip(names, what), count=count) for what, count in sorted(self.counts.items())],
                "throttled": dict(self.throttled),
                "rates": [
                    {"account": account, "service": service, "highest": times.highest, "highest_after": times.highest_after}
                    for (account, service), times in sorted(self.times.items())
                ],
            }


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # else the two halves of an answer wait for each other
    disable_nagle_algorithm = True
    book = Book()
    upstream = ("127.0.0.1", 0)

    def handle_one(self):
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        if self.path.startswith(CONTROL):
            return self.control(self.path[len(CONTROL):], body)
        request = Request(self, body)
        _, trouble, answer = self.book.decide(request)
        time.sleep(trouble.get("delay", 0))
        if answer == "hang":
            return self.hang()
        if isinstance(answer, tuple):
            status, kind, content = answer
            return self.send(status, [("content-type", kind)], content)
        status, headers, content = self.forward(body)
        if request.operation == "AssumeRole" and status == 200:
            self.book.learn(request, content)
        self.send(status, headers, content, cut=answer == "cut")

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = handle_one

    def control(self, what, body):
        if what == "troubles":
            self.book.troubles = json.loads(body)
        elif what == "reset":
            with self.book.lock:
                self.book.reset()
        self.send(200, [("content-type", "application/json")], json.dumps(self.book.told()).encode())

    def forward(self, body):
        connection = http.client.HTTPConnection(*self.upstream)
        try:
            connection.request(self.command, self.path, body, dict(self.headers))
            answer = connection.getresponse()
            content = answer.read()
            return answer.status, [(name, value) for name, value in answer.getheaders() if name.lower() not in HOP], content
        finally:
            connection.close()

    def send(self, status, headers, content, cut=False):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        if self.command == "HEAD":
            return
        if cut:
            self.wfile.write(content[:len(content) // 2])
            self.close_connection = True
        else:
            self.wfile.write(content)

    def hang(self):
        """Until the other side has had enough."""
        self.connection.settimeout(FOREVER)
        try:
            self.connection.recv(1, socket.MSG_PEEK)
        except OSError:
            pass
        self.close_connection = True

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def handle_error(self, *_):
        """A client that is killed hangs up in the middle of things."""


def main():
    upstream = urllib.parse.urlsplit(sys.argv[1])
    Handler.upstream = (upstream.hostname, upstream.port)
    server = Server(("127.0.0.1", 0), Handler)
    print(f"http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
