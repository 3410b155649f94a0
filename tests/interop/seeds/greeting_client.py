"""The client of the greeting server: greeting_client.py PORT NAME ..."""

import sys
from socket import AF_INET, SOCK_STREAM, socket

s = socket(AF_INET, SOCK_STREAM)
s.settimeout(20)
s.connect(("127.0.0.1", int(sys.argv[1])))
print(s.recv(1024).decode("utf-8"))
for data in sys.argv[2:]:
    s.send(data.encode("utf-8"))
    print(s.recv(1024).decode("utf-8"))

s.send("exit".encode("utf-8"))
s.close()
