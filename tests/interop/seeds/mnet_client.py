"""ClientSocket of MNetSocket: mnet_client.py PORT"""

import json
import socket
import sys

from mnet_protocol import MsgCmd, MsgProtol


class ClientSocket:
    def __init__(self, ip, port):
        self._buffer_size = 12000
        self.msg_protol = MsgProtol()
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self._socket.settimeout(20)
        self._socket.connect((ip, port))

    def Send(self, cmd, data, recv):
        self._socket.send(self.msg_protol.pack(cmd, data, recv))
        if recv == 1:
            self.Receive()

    def Receive(self):
        flag = True
        while flag:
            msg = self._socket.recv(self._buffer_size)
            flag = self.msg_protol.unpack(msg, self._handle_msg)

    def _handle_msg(self, headPack, body):
        print(MsgCmd(headPack[1]).name, headPack[2], json.loads(body))


client = ClientSocket("127.0.0.1", int(sys.argv[1]))
protol = {"type": MsgCmd.PARAM.name, "logPath": "大家伙", "brainNames": "大家伙"}
client.Send(MsgCmd.PARAM.value, protol, 1)
client.Send(MsgCmd.INFORM.value, {"hello": "世界"}, 0)
client.Send(MsgCmd.REQUEST.value, {"hello": "世界"}, 1)
client.Send(MsgCmd.REQUEST.value, {"hello": "no reply"}, 0)
client.Send(MsgCmd.EXIT.value, {}, 0)
# Not in the tutorial's client, which never looks: the bare goodbye.
rest = b""
while part := client._socket.recv(1024):
    rest += part
print(rest.decode())
