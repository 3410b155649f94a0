/** How a program uses the frames of an expression. */
export interface Snippet {
  /** The name that `framewire generate` has for the language; none for TypeScript. */
  readonly generator?: string;
  /** The name of the generated file. */
  readonly file?: string;
  /** The lines to paste. The expression is put in where `$` stands in TypeScript. */
  readonly code: string;
}

/** The lines for each language. */
export const snippets: Readonly<Record<string, Snippet>> = {
  TypeScript: {
    code: `import { serve } from "@framewire/framewire";
import { parseFormat } from "@framewire/framewire/format";

const codec = parseFormat($);
const server = await serve(
  { address: "tcp://127.0.0.1:9000", codec },
  async (connection) => {
    for await (const frame of connection) {
      await connection.send(frame);
    }
  },
);`,
  },
  Python: {
    generator: "python",
    file: "frames.py",
    code: `import socket
from frames import Decoder, encode

with socket.create_connection(("127.0.0.1", 9000)) as peer:
    peer.sendall(encode(b"hello"))
    decoder = Decoder()
    while data := peer.recv(65536):
        decoder.push(data)
        while (frame := decoder.next()) is not None:
            print(frame)
    decoder.end()`,
  },
  "C#": {
    generator: "csharp",
    file: "Frames.cs",
    code: `using var client = new TcpClient("127.0.0.1", 9000);
var stream = client.GetStream();
await stream.WriteAsync(Frames.Encode("hello"u8.ToArray()));
var decoder = new Decoder();
var buffer = new byte[65536];
for (int n; (n = await stream.ReadAsync(buffer)) > 0;) {
    decoder.Push(buffer[..n]);
    while (decoder.Next() is { } frame) Console.WriteLine(frame.Length);
}
decoder.End();`,
  },
  Go: {
    generator: "go",
    file: "frames.go",
    code: `conn, _ := net.Dial("tcp", "127.0.0.1:9000")
wire, _ := frames.Encode([]byte("hello"))
conn.Write(wire)
decoder := frames.NewDecoder()
buffer := make([]byte, 65536)
for n, err := conn.Read(buffer); err == nil; n, err = conn.Read(buffer) {
	decoder.Push(buffer[:n])
	for frame, err := decoder.Next(); frame != nil && err == nil; frame, err = decoder.Next() {
		fmt.Println(len(frame))
	}
}`,
  },
  Java: {
    generator: "java",
    file: "Frames.java",
    code: `try (var socket = new Socket("127.0.0.1", 9000)) {
    socket.getOutputStream().write(Frames.encode("hello".getBytes()));
    var decoder = new Frames.Decoder();
    var buffer = new byte[65536];
    for (int n; (n = socket.getInputStream().read(buffer)) > 0;) {
        decoder.push(Arrays.copyOf(buffer, n));
        for (byte[] frame; (frame = decoder.next()) != null;)
            System.out.println(frame.length);
    }
    decoder.end();
}`,
  },
  Rust: {
    generator: "rust",
    file: "frames.rs",
    code: `let mut peer = TcpStream::connect("127.0.0.1:9000")?;
peer.write_all(&frames::encode(b"hello")?)?;
let mut decoder = frames::Decoder::new();
let mut buffer = [0; 65536];
loop {
    let n = peer.read(&mut buffer)?;
    if n == 0 { break; }
    decoder.push(&buffer[..n]);
    while let Some(frame) = decoder.next()? { println!("{}", frame.len()); }
}
decoder.end()?;`,
  },
  C: {
    generator: "c",
    file: "frames.h",
    code: `#include "frames.h"

frames_decoder decoder;
frames_init(&decoder);
for (ssize_t n; (n = read(fd, buffer, sizeof buffer)) > 0;) {
    frames_push(&decoder, buffer, n);
    frames_frame frame;
    while (frames_next(&decoder, &frame) == FRAMES_OK)
        printf("%zu\\n", frame.length);
}
frames_end(&decoder);`,
  },
  Wireshark: {
    generator: "wireshark",
    file: "frames.lua",
    code: `# Shows the fields of frames on port 9000.
wireshark -X lua_script:frames.lua -d tcp.port==9000,frames

# The same in a terminal, of a capture.
tshark -X lua_script:frames.lua -d tcp.port==9000,frames \\
  -r capture.pcapng -O frames`,
  },
};
