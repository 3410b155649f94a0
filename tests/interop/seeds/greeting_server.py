"""The greeting server: greeting_server.py. Prints its port first."""

import threading
import time
from socket import AF_INET, SOCK_STREAM, socket

s = socket(AF_INET, SOCK_STREAM)
s.bind(("127.0.0.1", 0))
s.listen(5)
print(s.getsockname()[1], flush=True)


def tcplink(sock, addr):
    sock.send("Welcome!".encode("utf-8"))
    while True:
        data = sock.recv(1024)
        time.sleep(0.1)  # a second in the tutorial
        if not data or data.decode("utf-8") == "exit":
            print("exit" if data else "end of stream", flush=True)
            break
        sock.send(("你好,%s" % data.decode("utf-8")).encode("utf-8"))
    sock.close()


while True:
    sock, addr = s.accept()
    t = threading.Thread(target=tcplink, args=(sock, addr), daemon=True)
    t.start()
