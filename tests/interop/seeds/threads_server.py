"""The server of the lesson on threads: threads_server.py. Prints its port first."""

import socket
import threading


def conn_handler(conn, client):
    while True:
        data = conn.recv(1024).decode()
        print("[INFO] received: {}".format(data), flush=True)
        if data == "q":
            print("[INFO] client quited!", flush=True)
            break
        conn.send("[INFO] server has received your messages".encode())


s = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
s.bind(("127.0.0.1", 0))
s.listen(5)
print(s.getsockname()[1], flush=True)
while True:
    conn, addr = s.accept()
    t = threading.Thread(target=conn_handler, args=(conn, addr), daemon=True)
    t.start()
