"""MsgProtol of MNetSocket: its messages, with the machine's own byte order."""

import json
import struct
from enum import Enum


class MsgCmd(Enum):
    INFORM = 1
    REQUEST = 2
    PARAM = 3
    EXIT = 4


class MsgProtol:
    def __init__(self):
        self.dataBuffer = bytes()
        self.headerSize = 12

    def pack(self, cmd, _body, _recv=1):
        body = json.dumps(_body)
        header = [body.__len__(), cmd, _recv]
        return struct.pack("3I", *header) + body.encode("utf8")

    def unpack(self, data, msgHandler):
        if data:
            self.dataBuffer += data
            while True:
                if len(self.dataBuffer) < self.headerSize:
                    break
                headPack = struct.unpack(
                    "3I", bytearray(self.dataBuffer[: self.headerSize])
                )
                bodySize = headPack[0]
                if len(self.dataBuffer) < self.headerSize + bodySize:
                    break
                body = self.dataBuffer[self.headerSize : self.headerSize + bodySize]
                msgHandler(headPack, body.decode("utf8"))
                self.dataBuffer = self.dataBuffer[self.headerSize + bodySize :]
            return len(self.dataBuffer) != 0
        return False
