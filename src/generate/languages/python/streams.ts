import { code } from "../../code.ts";

/** What the classes for streams depend on. */
export interface StreamParts {
  /** The type of the frames. */
  readonly type: string;
  /** What `next` returns where there is no frame. */
  readonly none: string;
  /** Whether frames are passed over. */
  readonly skips: boolean;
}

/** The type of what `next` and `receive` return. */
export function optional({ type }: Pick<StreamParts, "type">): string {
  return type === "Any" ? "Any" : `${type} | None`;
}

/** The type of what is called for frames that are passed over, as a parameter. */
export const onSkipParameter =
  "on_skip: Callable[[FrameError], object] | None = None";

/** The classes that send and receive frames. */
export function streamClasses(parts: StreamParts): string {
  return `${socketClass(parts)}\n\n\n${asyncClass(parts)}`;
}

function socketClass(parts: StreamParts): string {
  const { type, none } = parts;
  return code`
    class FrameSocket:
        """Frames on a blocking socket."""

        ${initializer("sock: socket.socket", parts)}
            self._socket = sock
            self.decoder = ${newDecoder(parts)}

        def send(self, frame: ${type}) -> None:
            """Send a frame."""
            self._socket.sendall(encode(frame))

        def receive(self) -> ${optional(parts)}:
            """Return the next frame, or ${none} when the peer has ended the stream.

            After a timeout of the socket it can be called again.
            """
            while (frame := self.decoder.next()) is ${none}:
                data = self._socket.recv(65_536)
                if not data:
                    self.decoder.end()
                    return self.decoder.next()
                self.decoder.push(data)
            return frame

        def __iter__(self) -> Iterator[${type}]:
            """Iterate over the frames until the peer ends the stream."""
            return iter(self.receive, ${none})
  `;
}

function asyncClass(parts: StreamParts): string {
  const { type, none } = parts;
  const streams = "reader: asyncio.StreamReader, writer: asyncio.StreamWriter";
  return code`
    class FrameStream:
        """Frames on the streams of asyncio."""

        ${initializer(streams, parts)}
            self._reader = reader
            self._writer = writer
            self.decoder = ${newDecoder(parts)}

        async def send(self, frame: ${type}) -> None:
            """Send a frame, and wait while the buffer of the writer is full."""
            self._writer.write(encode(frame))
            await self._writer.drain()

        async def receive(self) -> ${optional(parts)}:
            """Return the next frame, or ${none} when the peer has ended the stream.

            When it has been cancelled it can be called again.
            """
            while (frame := self.decoder.next()) is ${none}:
                data = await self._reader.read(65_536)
                if not data:
                    self.decoder.end()
                    return self.decoder.next()
                self.decoder.push(data)
            return frame

        def __aiter__(self) -> FrameStream:
            """Iterate over the frames until the peer ends the stream."""
            return self

        async def __anext__(self) -> ${type}:
            frame = await self.receive()
            if frame is ${none}:
                raise StopAsyncIteration
            return frame
  `;
}

function initializer(streams: string, { skips }: StreamParts): string {
  const short = `def __init__(self, ${streams}) -> None:`;
  if (!skips && short.length <= 84) return short;
  const given = [
    "self",
    ...streams.split(", "),
    ...skips ? [onSkipParameter] : [],
  ];
  const line = given.join(", ");
  return line.length <= 80
    ? `def __init__(\n    ${line}\n) -> None:`
    : `def __init__(\n    ${given.join(",\n    ")},\n) -> None:`;
}

function newDecoder({ skips }: StreamParts): string {
  return `Decoder(${skips ? "on_skip" : ""})`;
}
