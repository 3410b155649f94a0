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
from frames import FrameSocket

with socket.create_connection(("127.0.0.1", 9000)) as peer:
    frames = FrameSocket(peer)
    frames.send(frame)
    for reply in frames:
        print(reply)`,
  },
  "C#": {
    generator: "csharp",
    file: "Frames.cs",
    code: `using Frames;

using (var client = new TcpClient("127.0.0.1", 9000))
{
    var peer = new FrameChannel(client.GetStream());
    await peer.WriteAsync(frame);
    for (var reply = await peer.ReadAsync(); reply != null;)
    {
        Console.WriteLine(reply);
        reply = await peer.ReadAsync();
    }
}`,
  },
  Go: {
    generator: "go",
    file: "frames.go",
    code: `conn, err := net.Dial("tcp", "127.0.0.1:9000")
if err != nil {
	return err
}
if err := frames.WriteFrame(conn, frame); err != nil {
	return err
}
reader := frames.NewReader(conn)
for {
	reply, err := reader.ReadFrame()
	if err != nil {
		return err // io.EOF at the end
	}
	fmt.Println(reply)
}`,
  },
  Java: {
    generator: "java",
    file: "Frames.java",
    code: `try (var peer = new Socket("127.0.0.1", 9000)) {
    Frames.write(peer.getOutputStream(), frame);
    var reader = new Frames.Reader(peer.getInputStream());
    for (var reply = reader.read(); reply != null;) {
        System.out.println(reply);
        reply = reader.read();
    }
}`,
  },
  Rust: {
    generator: "rust",
    file: "frames.rs",
    code: `let peer = TcpStream::connect("127.0.0.1:9000")?;
frames::write_frame(&peer, frame)?;
for reply in frames::FrameReader::new(peer) {
    println!("{:?}", reply?);
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
    frames_push(&decoder, buffer, (size_t)n);
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
