"""The tutorials' servers over UDP: udp_server.py greeting | welcome

Prints its port first.
"""

import sys
from socket import AF_INET, SOCK_DGRAM, socket

s = socket(AF_INET, SOCK_DGRAM)
s.bind(("127.0.0.1", 0))
print(s.getsockname()[1], flush=True)
while True:
    data, addr = s.recvfrom(1024)
    if sys.argv[1] == "greeting":
        s.sendto(("你好,%s" % data.decode("utf-8")).encode("utf-8"), addr)
    else:
        string = "Welcome to hear"
        s.sendto(string.encode("gbk"), addr)
