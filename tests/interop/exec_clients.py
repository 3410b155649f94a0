"""The clients for remote commands of two tutorials, as they were written; the
address comes from the command line, and so does what a person would type.

    exec_clients.py json PORT LINE ...
    exec_clients.py gbk PORT LINE ...
"""

import sys

sys.stdout.reconfigure(encoding="utf-8")
lines = iter(sys.argv[3:])
port = int(sys.argv[2])


def input(prompt):
    return next(lines)


def json_client():
    from socket import socket, AF_INET, SOCK_STREAM
    import struct
    import json

    t = socket(AF_INET, SOCK_STREAM)
    t.connect(('127.0.0.1', port))

    while True:
        cmd = input('>>>').strip()
        if not cmd:
            continue
        elif cmd == 'exit':
            break
        else:
            t.send(cmd.encode('utf-8'))
            # 接收报头长度
            head_info = t.recv(4)
            head_len = struct.unpack('i', head_info)[0]
            # 接收报头
            head_bytes = t.recv(head_len)
            head_json = head_bytes.decode('utf-8')
            head_dict = json.loads(head_json)
            data_len = head_dict['lenth']
            print(head_dict)
            # 接收数据
            data_buffers = bytes()
            recv_size = 0
            while recv_size < data_len:
                recv_data = t.recv(1024)
                data_buffers+=recv_data
                recv_size+=len(recv_data)
            print(data_buffers.decode('utf-8'))
    t.close()


def gbk_client():
    from socket import socket, AF_INET, SOCK_STREAM
    import struct
    from functools import partial

    address_family = AF_INET
    socket_type = SOCK_STREAM # socket类型
    buffer_size = 1024 # 一次接收消息的容量
    ip_And_port = ("127.0.0.1", port)
    tcp_client=socket(address_family,socket_type)
    tcp_client.connect(ip_And_port)
    while True:
        cmd=input('>>: ').strip()
        if not cmd:continue
        if cmd == 'quit':break
        tcp_client.send(cmd.encode('utf-8'))
        length_data=tcp_client.recv(4)
        length=struct.unpack('i',length_data)[0]
        #取出缓冲区接收的所有数据,并将其存放在迭代器中
        myiter=iter(partial(tcp_client.recv, buffer_size), b'')
        for i in myiter:
            print(i.decode("gbk"))
    tcp_client.close()


{"json": json_client, "gbk": gbk_client}[sys.argv[1]]()
