"""TLS as `localhost` before a port that has none.

Usage: tls.py FOLDER PORT. Prints a line of JSON with its own port, then runs until it is ended. FOLDER gets `ca.pem`.
"""

import json
import pathlib
import socket
import sys
import threading

from certificates import server_context


def copy(source, sink):
    try:
        while data := source.recv(65536):
            sink.sendall(data)
    except OSError:
        pass
    try:
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        pass


def serve(raw):
    try:
        client = context.wrap_socket(raw, server_side=True)
    except OSError:
        return
    target = socket.create_connection(("127.0.0.1", int(sys.argv[2])))
    back = threading.Thread(target=copy, args=(target, client))
    back.start()
    copy(client, target)
    back.join()
    client.close()
    target.close()


context = server_context(pathlib.Path(sys.argv[1]))
listener = socket.create_server(("127.0.0.1", 0))
print(json.dumps({"port": listener.getsockname()[1]}), flush=True)
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
