"""The socketserver of one read: one_read_server.py. Prints its port first."""

import socketserver


class Myhandler(socketserver.BaseRequestHandler):
    def handle(self):
        res = self.request.recv(1024)
        if res:
            print("msg:%s" % res.decode("utf-8"), flush=True)


s = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Myhandler)
s.daemon_threads = True
print(s.server_address[1], flush=True)
s.serve_forever()
