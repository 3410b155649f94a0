"""The C# client of the first tutorial, line by line: events_client.py PORT COUNT

Header and body are written apart; replies are unpacked in one buffer of 2048
bytes, with the tutorial's own arithmetic, faults included.
"""

import socket
import struct
import sys

MSG_HEAD_LEN = 4
RECEIVED_BUFF_SIZE = 2048


class NetworkDemo:
    def __init__(self, port):
        self.tcp_socket = socket.create_connection(("127.0.0.1", port), timeout=20)
        self.received_buff = bytearray(RECEIVED_BUFF_SIZE)
        self.curr_data_len = 0
        self.curr_rece_len = 0
        self.shown = 0

    def send(self, data):
        self.tcp_socket.sendall(struct.pack("<i", len(data) + MSG_HEAD_LEN))
        self.tcp_socket.sendall(data)

    def array_copy(self, start, length):
        self.received_buff[0:length] = self.received_buff[start : start + length]

    def receive(self):
        """BeginRead and its callback, UnPackRawData."""
        view = memoryview(self.received_buff)[self.curr_rece_len :]
        receive_len = self.tcp_socket.recv_into(view)
        view.release()
        if receive_len == 0:
            raise EOFError("the server has closed the connection")
        receive_len += self.curr_rece_len
        self.curr_rece_len = 0
        while receive_len > self.curr_rece_len:
            if receive_len - self.curr_rece_len < MSG_HEAD_LEN:
                self.array_copy(self.curr_rece_len, receive_len - self.curr_data_len)
                self.curr_rece_len = receive_len - self.curr_rece_len
                break
            (self.curr_data_len,) = struct.unpack_from(
                "<i", self.received_buff, self.curr_rece_len
            )
            end = self.curr_rece_len + self.curr_data_len
            if self.curr_data_len > RECEIVED_BUFF_SIZE:
                raise ValueError("the message is longer than the buffer")
            if end > receive_len:
                self.array_copy(self.curr_rece_len, receive_len - self.curr_rece_len)
                self.curr_rece_len = receive_len - self.curr_rece_len
                break
            self.show(self.curr_rece_len + MSG_HEAD_LEN, end)
            if end == receive_len:
                self.curr_rece_len = 0
                break
            self.curr_rece_len = end

    def show(self, start, end):
        self.shown += 1
        print(self.received_buff[start:end].decode("ascii"), flush=True)


count = int(sys.argv[2])
network = NetworkDemo(int(sys.argv[1]))
for _ in range(count):
    network.send(b"Hello world!")
while network.shown < count:
    network.receive()
network.tcp_socket.close()
