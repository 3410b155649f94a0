"""The tutorials' servers of remote commands: remote_command_server.py json | gbk

Prints its port first. Runs any line in a shell, as they do: on the loopback
interface, for the time of a test.
"""

import hashlib
import json
import struct
import subprocess
import sys
import threading
from socket import AF_INET, SOCK_STREAM, socket

s = socket(AF_INET, SOCK_STREAM)
s.bind(("127.0.0.1", 0))
s.listen(5)
print(s.getsockname()[1], flush=True)


def run(data):
    res = subprocess.Popen(
        data.decode("utf-8"), shell=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    res_err = res.stderr.read()
    return res_err or res.stdout.read()


def json_link(sock):
    while True:
        data = sock.recv(1024)
        if not data:
            break  # the tutorial's goes on for ever
        cmd_out = run(data) or "ok".encode("utf-8")
        head = {
            "ver": "1",
            "md5": hashlib.md5(cmd_out).hexdigest(),
            "lenth": len(cmd_out),
        }
        head_bytes = json.dumps(head).encode("utf-8")
        sock.send(struct.pack("i", len(head_bytes)))
        sock.send(head_bytes)
        sock.send(cmd_out)


def gbk_link(conn):
    while True:
        cmd = conn.recv(1024)
        if not cmd:
            break
        # What a Chinese Windows prints is GBK; here it is made so.
        cmd_res = run(cmd).decode("utf-8").encode("gbk")
        if not cmd_res:
            cmd_res = "执行成功".encode("gbk")
        conn.send(struct.pack("i", len(cmd_res)))
        conn.send(cmd_res)


while True:
    sock, addr = s.accept()
    link = json_link if sys.argv[1] == "json" else gbk_link
    threading.Thread(target=link, args=(sock,), daemon=True).start()
