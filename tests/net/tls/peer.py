"""A peer of the tests with Python's ssl: `peer.py server|client FOLDER [PORT]`."""

import pathlib
import socket
import ssl
import sys

role, folder, *rest = sys.argv[1:]
files = pathlib.Path(folder)


def serve():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(files / "server.pem", files / "server.key")
    context.load_verify_locations(files / "ca.pem")
    context.verify_mode = ssl.CERT_OPTIONAL
    context.set_alpn_protocols(["lines"])
    with socket.create_server(("127.0.0.1", 0)) as listener:
        print(listener.getsockname()[1], flush=True)
        with context.wrap_socket(listener, server_side=True) as secure:
            connection, _ = secure.accept()
            with connection, connection.makefile("rwb") as stream:
                subject = dict(connection.getpeercert()["subject"][0])
                for line in stream:
                    name = subject["commonName"].encode()
                    stream.write(name + b": " + line.upper())
                    stream.flush()
                connection.unwrap()


def ask(port):
    context = ssl.create_default_context(cafile=str(files / "ca.pem"))
    context.load_cert_chain(files / "client.pem", files / "client.key")
    context.set_alpn_protocols(["lines"])
    with socket.create_connection(("127.0.0.1", port)) as plain:
        connection = context.wrap_socket(plain, server_hostname="localhost")
        with connection.makefile("rwb") as stream:
            stream.write(b"hello\n")
            stream.flush()
            answer = stream.readline().decode().strip()
        alpn = connection.selected_alpn_protocol()
        print(answer, connection.version(), alpn, flush=True)
        connection.unwrap()


if role == "server":
    serve()
else:
    ask(int(rest[0]))
