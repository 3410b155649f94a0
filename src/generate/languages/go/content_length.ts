import { code } from "../../code.ts";
import type { ContentLengthFraming } from "../../plan.ts";
import { headedFields, headedNext } from "./headed.ts";
import { encodeLimit } from "./limits.ts";
import type { Frames, FramingCode } from "./parts.ts";
import { MAX_INT } from "./syntax.ts";

/** A number of 62 bits is as good as a larger one, and a header can be added to it. */
const BITS = 62;

/** Headers as in HTTP, one of which is the length. */
export function contentLengthCode(
  { headers, maxHeaderLength }: ContentLengthFraming,
  frames: Frames,
): FramingCode {
  if (maxHeaderLength > MAX_INT) {
    throw new TypeError(
      `Cannot generate Go: expected a maxHeaderLength of at most ${MAX_INT}, got ${maxHeaderLength}`,
    );
  }
  const header = code`
    if d.size == 0 {
      if done, err := d.readHeader(in); !done {
        ${frames.no("err")}
      }
    }
    size, length := d.size, d.length
  `;
  return {
    picture: "headers, one of them Content-Length | empty line | body",
    declarations: code`
      // MaxHeaderLength is the limit on the length of the headers of a frame in bytes.
      const MaxHeaderLength = ${maxHeaderLength}

      ${headers && FRAME}
    `,
    fields: [
      ...headedFields(frames),
      ["line", "int", "where the next line of the headers begins"],
      ["searched", "int", "how many bytes of that have no line feed"],
      ["hasLength", "bool", "whether the length has been read"],
      ["length", "int64", "that of the body"],
      ["size", "int", "that of the headers, when all have been read"],
      ...(headers
        ? [["headers", "[]Header", "what has been read of them"] as const]
        : []),
    ],
    onDrop: code`
      d.line, d.searched, d.hasLength, d.size = 0, 0, false, 0
      ${headers && "d.headers = nil"}
    `,
    next: headedNext(frames, {
      header,
      isWide: true,
      most: 2n ** BigInt(BITS),
      start: "size",
      mostStart: maxHeaderLength,
      ...(headers && {
        frame: (part) =>
          `Frame{Headers: d.headers, Body: append([]byte{}, ${part}...)}`,
      }),
    }),
    helpers: helpers(headers),
    encode: headers
      ? encodeWithHeaders(frames)
      : encodeBody(frames, maxHeaderLength),
  };
}

const FRAME = code`
  // A Header is a name and a value. The names of frames that were read are in lower case.
  type Header struct {
    Name, Value string
  }

  // A Frame is a body and its headers, in their order. Encode writes Content-Length
  // itself and leaves out what is given of it.
  type Frame struct {
    Headers []Header
    Body    []byte
  }

  // Header returns the values of all headers of a name in lower case, joined with ", ".
  func (f Frame) Header(name string) string {
    var values []string
    for _, header := range f.Headers {
      if header.Name == name {
        values = append(values, header.Value)
      }
    }
    return strings.Join(values, ", ")
  }
`;

function helpers(headers: boolean): string {
  return code`
    // readHeader reads the lines that have arrived; it returns true behind the empty one.
    func (d *Decoder) readHeader(in []byte) (done bool, err error) {
      for {
        end := len(in)
        found := bytes.IndexByte(in[d.searched:], '\n')
        if found >= 0 {
          end = d.searched + found
        }
        if end >= MaxHeaderLength {
          return false, d.fail(CodeFrameTooLarge,
            "the header is too large: expected at most %d bytes, got more", MaxHeaderLength)
        }
        d.searched = end
        if found < 0 {
          return false, d.wait("headers and an empty line behind them")
        }
        line := in[d.line:end]
        d.line, d.searched = end+1, end+1
        if !bytes.HasSuffix(line, []byte("\r")) {
          return false, d.fail(CodeHeaderInvalid,
            "a line of the header has the wrong end: expected a carriage return and a line feed, got a line feed alone")
        }
        if len(line) > 1 {
          if err := d.readLine(string(line[:len(line)-1])); err != nil {
            return false, err
          }
          continue
        }
        if !d.hasLength {
          return false, d.fail(CodeLengthInvalid,
            "the header does not say how long the body is: expected Content-Length, got none")
        }
        d.size = end + 1
        return true, nil
      }
    }

    // readLine reads one header.
    func (d *Decoder) readLine(line string) error {
      name, value, found := strings.Cut(line, ":")
      if !found || !isToken(name) || !isVisible(value) {
        return d.fail(CodeHeaderInvalid,
          "a line of the header is not what it must be: expected a name, a colon and a value in ASCII, got %q", line)
      }
      name, value = strings.ToLower(name), strings.Trim(value, " \t")
      ${headers && "d.headers = append(d.headers, Header{name, value})"}
      if name != "content-length" {
        return nil
      }
      if d.hasLength {
        return d.fail(CodeHeaderInvalid,
          "the header has more than one length: expected one Content-Length, got another")
      }
      if value == "" || strings.Trim(value, "0123456789") != "" {
        return d.fail(CodeLengthInvalid,
          "the length is not a number: expected decimal digits, got %q", value)
      }
      // A number that is too large becomes the largest, which is over the limit.
      length, _ := strconv.ParseUint(value, 10, ${BITS})
      d.hasLength, d.length = true, int64(length)
      return nil
    }

    // isToken reports whether s can be the name of a header (RFC 9110, 5.6.2).
    func isToken(s string) bool {
      for _, c := range s {
        isAlphanumeric := 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
        if !isAlphanumeric && !strings.ContainsRune("!#$%&'*+-.^_${"`"}|~", c) {
          return false
        }
      }
      return s != ""
    }

    // isVisible reports whether s is ASCII without control characters but tabs.
    func isVisible(s string) bool {
      for _, c := range s {
        if c != '\t' && (c < ' ' || c > '~') {
          return false
        }
      }
      return true
    }
  `;
}

/** Writes the length, and the body behind it. */
function encodeBody(frames: Frames, maxHeaderLength: number): string {
  const { maxEncodedLength } = frames.plan.limit;
  const most = `Content-Length: ${maxEncodedLength}\r\n\r\n`.length;
  return code`
    ${encodeLimit(frames)}
    out := []byte(fmt.Sprintf("Content-Length: %d\r\n\r\n", len(frame)))
    ${most > maxHeaderLength && checkHeader("out")}
    return append(out, frame...), nil
  `;
}

function encodeWithHeaders(frames: Frames): string {
  return code`
    ${encodeLimit(frames, "len(frame.Body)")}
    header := fmt.Sprintf("Content-Length: %d\r\n", len(frame.Body))
    for _, h := range frame.Headers {
      if strings.ToLower(h.Name) == "content-length" {
        continue
      }
      if !isToken(h.Name) || !isVisible(h.Value) {
        return nil, refuse(CodeHeaderInvalid,
          "the header cannot be written: expected a name and a value in ASCII, without line ends, got %q", h)
      }
      header += h.Name + ": " + h.Value + "\r\n"
    }
    header += "\r\n"
    ${checkHeader("header")}
    return append([]byte(header), frame.Body...), nil
  `;
}

function checkHeader(name: string): string {
  return code`
    if len(${name}) > MaxHeaderLength {
      return nil, refuse(CodeFrameTooLarge,
        "the header is too large: expected at most %d bytes, got %d bytes", MaxHeaderLength, len(${name}))
    }
  `;
}
