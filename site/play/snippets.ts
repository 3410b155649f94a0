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
    peer.sendall(encode(frame))
    decoder = Decoder()
    while data := peer.recv(65_536):
        decoder.push(data)
        while (frame := decoder.next()) is not None:
            print(frame)`,
  },
  "C#": {
    generator: "csharp",
    file: "Frames.cs",
    code: `using Frames;

using var client = new TcpClient("127.0.0.1", 9000);
var stream = client.GetStream();
await stream.WriteAsync(FrameEncoder.Encode(frame));
var decoder = new FrameDecoder();
var buffer = new byte[65536];
for (int n; (n = await stream.ReadAsync(buffer)) > 0;)
{
    decoder.Push(buffer, 0, n);
    while (decoder.TryNext(out var next)) Console.WriteLine(next);
}`,
  },
  Go: {
    generator: "go",
    file: "frames.go",
    code: `wire, err := frames.Encode(frame)
conn.Write(wire)
var decoder frames.Decoder
buffer := make([]byte, 65536)
for n, err := conn.Read(buffer); err == nil; n, err = conn.Read(buffer) {
	decoder.Push(buffer[:n])
	next, ok, err := decoder.Next()
	for ; ok && err == nil; next, ok, err = decoder.Next() {
		fmt.Println(next)
	}
}`,
  },
  Java: {
    generator: "java",
    file: "Frames.java",
    code: `try (var socket = new Socket("127.0.0.1", 9000)) {
    socket.getOutputStream().write(Frames.encode(frame));
    var decoder = new Frames.Decoder();
    var buffer = new byte[65536];
    for (int n; (n = socket.getInputStream().read(buffer)) > 0;) {
        decoder.push(Arrays.copyOf(buffer, n));
        for (var next = decoder.next(); next != null; next = decoder.next())
            System.out.println(next);
    }
}`,
  },
  Rust: {
    generator: "rust",
    file: "frames.rs",
    code: `let mut peer = TcpStream::connect("127.0.0.1:9000")?;
peer.write_all(&frames::encode(frame)?)?;
let mut decoder = frames::Decoder::new();
let mut buffer = [0; 65536];
loop {
    let n = peer.read(&mut buffer)?;
    if n == 0 { break; }
    decoder.push(&buffer[..n]);
    while let Some(next) = decoder.next_frame()? { println!("{next:?}"); }
}`,
  },
  C: {
    generator: "c",
    file: "frames.h",
    code: `#define FRAMES_IMPLEMENTATION
#include "frames.h"

struct frames_decoder decoder;
struct frames_frame frame;
frames_init(&decoder);
for (ssize_t n; (n = read(fd, buffer, sizeof buffer)) > 0;) {
    frames_push(&decoder, buffer, n);
    while (frames_next(&decoder, &frame) == FRAMES_FRAME)
        printf("%zu bytes\\n", frame.length);
}
frames_free(&decoder);`,
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
