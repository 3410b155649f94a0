"""The client of the lesson on threads: threads_client.py PORT MESSAGE ..."""

import socket
import sys

s = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
s.settimeout(20)
s.connect(("127.0.0.1", int(sys.argv[1])))
for cmd in sys.argv[2:]:
    if not cmd:
        print("Not allowed to send empty msg!")
        continue
    s.send(cmd.encode())
    if cmd == "q":
        print("exit!")
        break
    data = s.recv(1024).decode()
    print(data)
s.close()
