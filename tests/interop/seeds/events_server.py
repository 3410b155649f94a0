"""The Python server of the first tutorial, in Python 3: events_server.py

Prints its port first. What it has of a message when nothing more is there to be
read it forgets, as the tutorial's does: only whole messages may be sent to it.
"""

import errno
import socket
import struct
import time


class ServerBase:
    NET_CONNECTION_DATA = 2
    NET_HEAD_LENGTH_SIZE = 4
    NET_HEAD_LENGTH_FORMAT = "<I"

    def __init__(self):
        self.socket = socket.socket()
        self.event = list()
        self.conns = dict()
        self.invalid_conns = list()

    def setup(self, ip="127.0.0.1", port=0):
        self.socket.bind((ip, port))
        self.socket.listen(128)
        self.socket.setblocking(False)

    def process(self):
        self._handle_conn()
        for conn in self.conns.values():
            self._handle_recv(conn)
        self._handle_leave()

    def _handle_recv(self, conn):
        remain_text = b""
        while True:
            data = None
            try:
                data = conn.recv(1024)
                if not data:
                    self.invalid_conns.append(conn)
                    return -1
            except socket.error as error:
                if error.errno not in (
                    errno.EINPROGRESS,
                    errno.EALREADY,
                    errno.EWOULDBLOCK,
                ):
                    self.invalid_conns.append(conn)
                    return -1
            if not data:
                break
            remain_text = self._pack_events(remain_text + data, id(conn))

    def _pack_events(self, data, conn_id):
        recv_len = len(data)
        curr_len = 0
        while True:
            if recv_len - curr_len < self.NET_HEAD_LENGTH_SIZE:
                return data[curr_len:]
            data_len = struct.unpack(
                self.NET_HEAD_LENGTH_FORMAT,
                data[curr_len : curr_len + self.NET_HEAD_LENGTH_SIZE],
            )[0]
            if recv_len < curr_len + data_len:
                return data[curr_len:]
            curr_len += self.NET_HEAD_LENGTH_SIZE
            data_len -= self.NET_HEAD_LENGTH_SIZE
            message = data[curr_len : curr_len + data_len]
            self.event.append((self.NET_CONNECTION_DATA, conn_id, message))
            self.send(conn_id, b"REP: " + message)
            curr_len += data_len

    def _handle_conn(self):
        try:
            conn, addr = self.socket.accept()
            conn.setblocking(False)
            self.conns[id(conn)] = conn
        except Exception:
            pass

    def _handle_leave(self):
        for conn in self.invalid_conns:
            conn = self.conns.pop(id(conn), None)
            if conn:
                conn.close()

    def send(self, conn_id, data):
        conn = self.conns.get(conn_id)
        if conn:
            length = len(data) + self.NET_HEAD_LENGTH_SIZE
            conn.send(struct.pack(self.NET_HEAD_LENGTH_FORMAT, length) + data)


s = ServerBase()
s.setup()
print(s.socket.getsockname()[1], flush=True)
while True:
    s.process()
    while s.event:
        print(s.event.pop(0)[2].decode(), flush=True)
    time.sleep(0.001)  # the tutorial's takes a whole core
