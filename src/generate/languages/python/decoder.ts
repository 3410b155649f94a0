import { code } from "../../code.ts";
import type { Step } from "./content.ts";
import { type FramingCode, joined } from "./framing_code.ts";
import { onSkipParameter, optional, type StreamParts } from "./streams.ts";

/** What the class of a decoder is made of. */
export interface DecoderParts extends StreamParts {
  readonly framing: FramingCode;
  readonly steps: readonly Step[];
  /** Whether `_frame_offset` holds the offset at which the frame began. */
  readonly tracks: boolean;
}

/** The class that decodes. */
export function decoderClass(parts: DecoderParts): string {
  const { framing, skips, tracks } = parts;
  const parameter = skips ? `, ${onSkipParameter}` : "";
  const members = [
    code`
      def __init__(self${parameter}) -> None:
          self._buffer = bytearray()  # what no frame has used
          self._offset = 0  # where the buffer begins in the stream
          ${tracks && "self._frame_offset = 0  # where the current frame began"}
          self._ended = False
          self._error: ${skips ? "Exception" : "FrameError"} | None = None
          ${skips && "self._on_skip = on_skip"}
          ${framing.state ?? ""}
    `,
    push,
    next(parts),
    iterate(parts),
    end,
    unread,
    framing.methods,
    skips && skip,
    drop(framing),
  ];
  return `${heading(skips)}\n\n${indented(joined(members, "\n\n"))}`;
}

function heading(skips: boolean): string {
  return code`
    class Decoder:
        """Turns the bytes of one stream into frames, however the bytes are cut.

        ${skips && ON_SKIP}
        Push what arrives, and take the frames that are complete:

            decoder.push(data)
            for frame in decoder:
                ...
        """
  `;
}

const ON_SKIP =
  "on_skip is called with the error of each frame that is passed over.\n\n";

const push = code`
  def push(self, data: bytes) -> None:
      """Take the next bytes of the stream."""
      if self._ended:
          raise ValueError("Cannot push bytes: the decoder has been ended")
      if self._error is None:
          self._buffer += data
`;

const end = code`
  def end(self) -> None:
      """Tell that the stream has ended: next() then looks at what is left."""
      self._ended = True
`;

const unread = code`
  def unread(self) -> bytes:
      """Remove and return the bytes that no frame has used."""
      rest = bytes(self._buffer)
      self._drop(len(rest))
      return rest
`;

const skip = code`
  def _skip(self, error: FrameError) -> None:
      if self._on_skip is not None:
          self._on_skip(error)
`;

function drop({ drop }: FramingCode): string {
  return code`
    def _drop(self, count: int) -> None:
        del self._buffer[:count]  # moves no bytes: a bytearray has room in front
        self._offset += count
        ${drop ?? ""}
  `;
}

function iterate({ type, none }: DecoderParts): string {
  return code`
    def __iter__(self) -> Iterator[${type}]:
        """Iterate over the frames that have arrived."""
        return iter(self.next, ${none})
  `;
}

function next(parts: DecoderParts): string {
  const { none, skips } = parts;
  return code`
    def next(self) -> ${optional(parts)}:
        """Return the next frame, or ${none} if it has not arrived completely.

        Raise FrameError if there can be none: from then on, every call does.
        """
        if self._error is not None:
            raise self._error
        try:
            ${reading(parts)}
        except ${skips ? "Exception" : "FrameError"} as error:${
    skips && "  # on_skip may raise any"
  }
            self._error = error
            raise
  `;
}

function reading({ framing, steps, none }: DecoderParts): string {
  const read = code`
    frame = self._read()
    if frame is None and self._ended:
        ${framing.finish}
  `;
  if (steps.length === 0) return `${read}\nreturn frame`;
  const loops = steps.some((step) => step.skips);
  const body = code`
    ${read}
    if frame is None:
        return ${none}
    ${decoding(steps)}
  `;
  return loops ? `while True:\n${indented(body)}` : body;
}

/** Decodes a frame step by step; those that can be passed over together. */
function decoding(steps: readonly Step[]): string {
  const lines: string[] = [];
  let tried: string[] = [];
  steps.forEach(({ decode, skips }, i) => {
    const isLast = i === steps.length - 1;
    const line = `${isLast ? "return" : "frame ="} ${decode("frame")}`;
    if (!skips) {
      lines.push(line);
      return;
    }
    tried.push(line);
    if (steps[i + 1]?.skips) return;
    lines.push(code`
      try:
          ${tried.join("\n")}
      except FrameError as error:
          self._skip(error)
          ${!isLast && "continue"}
    `);
    tried = [];
  });
  return lines.join("\n");
}

/** Text in the body of a class or a loop. */
function indented(text: string): string {
  return text.replaceAll(/^(?=.)/gm, "    ");
}
