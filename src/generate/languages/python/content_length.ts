import { code } from "../../code.ts";
import type { ContentLengthFraming, Limit } from "../../plan.ts";
import {
  frameError,
  type FramingCode,
  joined,
  limitCode,
  type Surroundings,
  tooLarge,
} from "./framing_code.ts";
import { headed } from "./headed.ts";
import { int } from "./literals.ts";

const PATTERNS = [
  "# What a header may have: a token of RFC 9110, and a value.",
  '_NAME = re.compile(r"[!#$%&\'*+\\-.^_`|~0-9A-Za-z]+")',
  '_VALUE = re.compile(r"[\\t\\x20-\\x7e]*")',
].join("\n");

/** The code of frames with headers as in HTTP. */
export function contentLengthCode(
  { headers, maxHeaderLength }: ContentLengthFraming,
  limit: Limit,
  surroundings: Surroundings,
): FramingCode {
  const { maxFrameLength, maxEncodedLength } = limit;
  const limits = limitCode(maxFrameLength, maxEncodedLength);
  const { methods, state, ...members } = headed(
    {
      read: code`
        if not self._read_header():
            return None
        length = self._body_length
      `,
      bodyAt: "self._body_at",
      most: limits.decoded,
      ...(headers && { frame: "frame = Frame(body, self._headers)" }),
    },
    limit,
    surroundings,
  );
  const mostOfHeader = 20 + `${maxEncodedLength}`.length;
  return {
    imports: ["re"],
    constants: code`
      ${limits.constants}
      MAX_HEADER_LENGTH = ${int(maxHeaderLength)}

      ${PATTERNS}
    `,
    ...members,
    ...(headers && { classes: frameClass, type: "Frame" }),
    state: code`
      ${state ?? ""}
      # The header at the start of the buffer, as far as it has been read.
      ${headers && "self._headers: dict[str, str] = {}"}
      self._body_length = -1  # -1 while it is not known
      self._body_at = 0  # 0 while the header is incomplete
      self._line_at = 0
      self._searched = 0
    `,
    drop: code`
      ${headers && "self._headers = {}"}
      self._body_length = -1
      self._body_at = self._line_at = self._searched = 0
    `,
    methods: joined([methods, readHeader, addHeader(headers)], "\n\n"),
    encode: headers
      ? encodeFrame(limits.encoded)
      : encodeBody(limits.encoded, mostOfHeader > maxHeaderLength),
    functions: `${tooLarge}\n\n\n${headerTooLarge}`,
  };
}

const frameClass = code`
  @dataclass(frozen=True)
  class Frame:
      """A frame with its headers.

      Attributes:
          body: The bytes behind the headers.
          headers: The values of the headers by their names. Those from a decoder are in
              lower case. The encoder ignores a length among them and writes its own.
      """

      body: bytes
      headers: Mapping[str, str] = field(default_factory=dict)
`;

const readHeader = code`
  def _read_header(self) -> bool:
      """Read the lines that have arrived; return whether the header is complete."""
      buffer = self._buffer
      while self._body_at == 0:
          line_end = buffer.find(b"\n", self._searched)
          self._searched = line_end if line_end >= 0 else len(buffer)
          if self._searched >= MAX_HEADER_LENGTH:
              raise _header_too_large("more", self._offset)
          if line_end < 0:
              return False
          line = buffer[self._line_at : line_end + 1].decode("latin-1")
          if not line.endswith("\r\n"):
              raise ${
  frameError({
    code: "HEADER_INVALID",
    reason: "A line of the header has the wrong end",
    expected: "a carriage return and a line feed",
    got: "a line feed alone",
    offset: "self._offset",
  })
}
          self._line_at = self._searched = line_end + 1
          if line != "\r\n":
              self._add_header(line[:-2])
          elif self._body_length < 0:
              raise ${
  frameError({
    code: "LENGTH_INVALID",
    reason: "The header does not say how long the body is",
    expected: "Content-Length",
    got: "none",
    offset: "self._offset",
  })
}
          else:
              self._body_at = self._line_at
      return True
`;

function addHeader(headers: boolean): string {
  return code`
    def _add_header(self, line: str) -> None:
        name, colon, value = line.partition(":")
        if not (colon and _NAME.fullmatch(name) and _VALUE.fullmatch(value)):
            raise ${
    frameError({
      code: "HEADER_INVALID",
      reason: "A line of the header is not what it must be",
      expected: "a name, a colon and a value in ASCII",
      got: "{line!r}",
      offset: "self._offset",
    })
  }
        name, value = name.lower(), value.strip()
        if name == "content-length":
            if self._body_length >= 0:
                raise ${
    frameError({
      code: "HEADER_INVALID",
      reason: "The header has more than one length",
      expected: "one Content-Length",
      got: "another",
      offset: "self._offset",
    })
  }
            if not value.isdigit():
                raise ${
    frameError({
      code: "LENGTH_INVALID",
      reason: "The length is not a number",
      expected: "decimal digits",
      got: "{value!r}",
      offset: "self._offset",
    })
  }
            # Twenty digits are over every limit, and int() takes no endless ones.
            self._body_length = int(value.lstrip("0")[:20] or "0")
        ${
    headers && code`
      before = self._headers.get(name)
      self._headers[name] = value if before is None else f"{before}, {value}"
    `
  }
  `;
}

function encodeBody(most: string, canExceedHeader: boolean): string {
  return code`
    if len(frame) > ${most}:
        raise _too_large(${most}, f"{len(frame)} bytes")
    header = b"Content-Length: %d\r\n\r\n" % len(frame)
    ${canExceedHeader && checkHeader}
    return header + frame
  `;
}

const checkHeader = code`
  if len(header) > MAX_HEADER_LENGTH:
      raise _header_too_large(f"{len(header)} bytes")
`;

function encodeFrame(most: string): string {
  return code`
    length = len(frame.body)
    if length > ${most}:
        raise _too_large(${most}, f"{length} bytes")
    lines = [f"Content-Length: {length}"]
    for name, value in frame.headers.items():
        if name.lower() == "content-length":
            continue
        if not (_NAME.fullmatch(name) and _VALUE.fullmatch(value)):
            raise ${
    frameError({
      code: "HEADER_INVALID",
      reason: "The header cannot be written",
      expected: "a name and a value in ASCII, without line ends",
      got: "{name!r}: {value!r}",
    })
  }
        lines.append(f"{name}: {value}")
    header = "\r\n".join([*lines, "", ""]).encode("ascii")
    ${checkHeader}
    return header + frame.body
  `;
}

const headerTooLarge = code`
  def _header_too_large(got: str, offset: int | None = None) -> FrameError:
      return FrameError(
          "FRAME_TOO_LARGE",
          "The header is too large: "
          f"expected at most {MAX_HEADER_LENGTH} bytes, got {got}",
          offset,
      )
`;
