"""ServerSocket of MNetSocket: mnet_server.py. Prints its port first; one client."""

import json
import socket

from mnet_protocol import MsgCmd, MsgProtol


class ServerSocket:
    def __init__(self, ip="127.0.0.1", port=0):
        self._buffer_size = 12000
        self._recv_init_msg = False
        self.msg_protol = MsgProtol()
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self._socket.bind((ip, port))
        self._is_init_socket = True
        self._socket.settimeout(20)
        self._socket.listen(1)
        print(self._socket.getsockname()[1], flush=True)
        self._client_socket, addr = self._socket.accept()
        self._client_socket.settimeout(20)
        self._recv_bytes()

    def _recv_bytes(self):
        while self._is_init_socket:
            msg = self._client_socket.recv(self._buffer_size)
            self.msg_protol.unpack(msg, self._handle_msg)

    def _handle_msg(self, headPack, body):
        cmd = MsgCmd(headPack[1]).name
        is_recv = headPack[2]
        p = json.loads(body)
        if cmd == "EXIT":
            self.close()
            return
        print(cmd, is_recv, p, flush=True)
        if cmd == "PARAM":
            self._log_path = p["logPath"]
            self._brain_names = p["brainNames"]
            self._recv_init_msg = True
        if cmd in ("PARAM", "REQUEST") and is_recv == 1:
            self._send(MsgCmd.INFORM.value, "这是消息")

    def _send(self, cmd, data, is_recv=0):
        self._client_socket.send(self.msg_protol.pack(cmd, data, is_recv))

    def close(self):
        if self._recv_init_msg & self._is_init_socket:
            self._client_socket.send(b"EXIT")
            self._client_socket.close()
            self._recv_init_msg = False
        if self._is_init_socket:
            self._socket.close()
            self._is_init_socket = False


ServerSocket()
