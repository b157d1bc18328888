"""A gateway before the mock AWS that makes the trouble it is told to make.

    gateway.py PORT UPSTREAM TROUBLES.json

TROUBLES.json maps account ids to a trouble: `no-role` (AssumeRole is denied), `throttled` (more than five
requests a second are throttled), `errors` (every third request is answered 503), `cut` (answers of S3 end in
the middle), `hangs` (nothing is ever answered), `expires` (the token is refused after four requests), `region-off`
(eu-central-1 does not take the account's credentials). `GET /__counts` tells how often each account asked each
service for what, how many requests of an account came within one second at most, and how many were throttled.
The account of a request is known from the access key that AssumeRole gave out.
"""

import http.client
import json
import re
import sys
import threading
import time
from collections import Counter, defaultdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

BASE = 'base'
RATE = 5
EXPIRES_AFTER = 4


class Gateway:
    def __init__(self, upstream, troubles):
        self.upstream = urlsplit(upstream)
        self.troubles = troubles
        self.lock = threading.Lock()
        self.accounts = {}
        self.counts = Counter()
        self.by_account = Counter()
        self.moments = defaultdict(list)
        self.busiest = Counter()
        self.throttled = Counter()

    def note(self, account, service, what):
        """Counts a request; says whether the account has asked too often in the last second, and how often at all."""
        with self.lock:
            self.counts[f'{account} {service} {what}'] += 1
            self.by_account[account] += 1
            now = time.monotonic()
            recent = [moment for moment in self.moments[account] if now - moment < 1.0] + [now]
            self.moments[account] = recent
            self.busiest[account] = max(self.busiest[account], len(recent))
            return len(recent) > RATE, self.by_account[account]


def query_error(code, message):
    return f'<ErrorResponse><Error><Code>{code}</Code><Message>{message}</Message></Error></ErrorResponse>'.encode()


class Handler(BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'
    gateway = None

    def log_message(self, *arguments):
        pass

    def do_any(self):
        gateway = self.gateway
        body = self.rfile.read(int(self.headers.get('content-length') or 0))
        if self.path == '/__counts':
            with gateway.lock:
                told = {'counts': gateway.counts, 'busiest': gateway.busiest, 'throttled': gateway.throttled}
                return self.answer(200, json.dumps(told).encode(), 'application/json')
        credential = re.search(r'Credential=([^/]+)/\d+/([^/]+)/([^/]+)/', self.headers.get('authorization', ''))
        key, region, service = credential.groups() if credential else ('', '', '')
        form = parse_qs(body.decode('latin-1')) if service in ('sts', 'iam') else {}
        target = self.headers.get('x-amz-target', '').split('.')[-1]
        what = (form.get('Action') or [target or f'{self.command} {urlsplit(self.path).path}'])[0]
        account = gateway.accounts.get(key, BASE)
        assumed = re.search(r':(\d{12}):role/', (form.get('RoleArn') or [''])[0])
        concerned = assumed.group(1) if what == 'AssumeRole' and assumed else account
        trouble = gateway.troubles.get(concerned)
        too_often, asked = gateway.note(account, service, what)

        if what == 'AssumeRole':
            if trouble == 'no-role':
                return self.answer(403, query_error('AccessDenied', 'not authorized to perform sts:AssumeRole'))
        elif trouble == 'hangs':
            time.sleep(3600)
        elif trouble == 'throttled' and too_often:
            with gateway.lock:
                gateway.throttled[account] += 1
            return self.answer(400, query_error('Throttling', 'Rate exceeded'))
        elif trouble == 'errors' and asked % 3 == 0:
            return self.answer(503, query_error('ServiceUnavailable', 'try again'))
        elif trouble == 'expires' and asked > EXPIRES_AFTER:
            return self.answer(403, query_error('ExpiredToken', 'The security token included is expired'))
        elif trouble == 'region-off' and region == 'eu-central-1':
            return self.answer(403, query_error('InvalidClientTokenId', 'The token is not valid in this region'))

        status, headers, answered = self.forward(body)
        if what == 'AssumeRole' and assumed and status == 200:
            given = re.search(rb'<AccessKeyId>([^<]+)<', answered)
            with gateway.lock:
                gateway.accounts[given.group(1).decode()] = concerned
        if trouble == 'cut' and service == 's3':
            return self.answer_cut(answered)
        self.answer(status, answered, headers.get('content-type', ''))

    do_GET = do_POST = do_PUT = do_HEAD = do_any

    def forward(self, body):
        upstream = self.gateway.upstream
        connection = http.client.HTTPConnection(upstream.hostname, upstream.port, timeout=60)
        headers = {name: value for name, value in self.headers.items() if name.lower() not in ('connection', 'host')}
        headers['Host'] = self.headers.get('host', '')
        try:
            connection.request(self.command, self.path, body=body, headers=headers)
            response = connection.getresponse()
            return response.status, response.headers, response.read()
        finally:
            connection.close()

    def answer(self, status, body, content_type='text/xml'):
        self.send_response(status)
        self.send_header('content-type', content_type)
        self.send_header('content-length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def answer_cut(self, body):
        """Promises the whole and gives the half."""
        self.send_response(200)
        self.send_header('content-type', 'text/xml')
        self.send_header('content-length', str(len(body) + 100))
        self.end_headers()
        self.wfile.write(body[: len(body) // 2])
        self.wfile.flush()
        self.close_connection = True


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256


def main():
    port, upstream, troubles = sys.argv[1:]
    with open(troubles) as file:
        Handler.gateway = Gateway(upstream, json.load(file))
    Server(('127.0.0.1', int(port)), Handler).serve_forever()


if __name__ == '__main__':
    main()
