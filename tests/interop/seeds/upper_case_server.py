"""The upper-case socketserver: upper_case_server.py. Prints its port first."""

import socketserver


class MyServer(socketserver.BaseRequestHandler):
    def handle(self):
        while True:
            try:
                data = self.request.recv(1024)
                if not data:
                    break
                self.request.sendall(data.upper())
            except Exception as e:
                print(e)
                break


s = socketserver.ThreadingTCPServer(("127.0.0.1", 0), MyServer)
s.daemon_threads = True
print(s.server_address[1], flush=True)
s.serve_forever()
