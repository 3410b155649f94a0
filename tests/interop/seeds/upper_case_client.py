"""The client of the upper-case socketserver: upper_case_client.py PORT MESSAGE ..."""

import sys
from socket import AF_INET, SOCK_STREAM, socket

buffer_size = 1024
tcp_client = socket(AF_INET, SOCK_STREAM)
tcp_client.settimeout(20)
tcp_client.connect(("127.0.0.1", int(sys.argv[1])))
for msg in sys.argv[2:]:
    msg = msg.strip()
    if not msg:
        continue
    if msg == "quit":
        break
    tcp_client.send(msg.encode("utf-8"))
    data = tcp_client.recv(buffer_size)
    print("收到服务端发来的消息:", data.decode("utf-8"))
tcp_client.close()
