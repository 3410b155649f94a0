"""The tutorials' clients over UDP: udp_client.py PORT ENCODING MESSAGE ..."""

import sys
from socket import AF_INET, SOCK_DGRAM, socket

s = socket(AF_INET, SOCK_DGRAM)
s.settimeout(20)
for data in sys.argv[3:]:
    s.sendto(data.encode("utf-8"), ("127.0.0.1", int(sys.argv[1])))
    print(s.recv(1024).decode(sys.argv[2]))
s.close()
