import { MAX_JSON_DEPTH } from "../../../defaults.ts";
import { code } from "../../code.ts";
import type { Plan, PlannedChecksum } from "../../plan.ts";
import {
  checksumCall,
  checksumFunctions,
  coveringChecksum,
} from "./checksums.ts";
import { type Frames, skipsContent } from "./parts.ts";

/**
 * The body of `Next` where it takes frames of bytes from `next`, and hands out what is
 * in them.
 *
 * @param isOwn Whether these bytes are not in the buffer.
 */
export function checkedNext(frames: Frames, isOwn: boolean): string {
  const { plan, none } = frames;
  const body = code`
    frame, ok, err := d.next()
    if !ok {
      return ${none}, false, err
    }
    ${plan.checksums.map((sum, i) => checkSum(sum, i, none)).join("\n")}
    ${handOut(plan, none, isOwn)}
  `;
  return !skipsContent(plan) ? body : code`
    for {
      ${body}
    }
  `;
}

/** Ends the stream with an error, or passes the frame over. */
function refuse(
  { skipsInvalid }: { readonly skipsInvalid: boolean },
  none: string,
  error: string,
): string {
  if (!skipsInvalid) return `return ${none}, false, d.fail(${error})`;
  return code`
    d.report(${error})
    continue
  `;
}

function checkSum(sum: PlannedChecksum, index: number, none: string): string {
  const error = code`
    CodeChecksumMismatch,
      "the checksum is wrong: expected %x, got %x", want, got
  `;
  return code`
    ${
    index === 0
      ? `content, got := cut(frame, ${sum.length})`
      : `content, got = cut(content, ${sum.length})`
  }
    if want := ${checksumCall(sum, "content")}; !bytes.Equal(got, want) {
      ${refuse(sum, none, error)}
    }
  `;
}

function handOut(
  { checksums, content }: Plan,
  none: string,
  isOwn: boolean,
): string {
  const bytes = checksums.length > 0 ? "content" : "frame";
  switch (content.kind) {
    case "bytes":
      return `return ${
        isOwn ? bytes : `append([]byte{}, ${bytes}...)`
      }, true, nil`;
    case "text":
      return code`
        ${
        content.fatal && code`
          if !utf8.Valid(${bytes}) {
            ${
          refuse(
            content,
            none,
            'CodeTextInvalid,\n  "the frame is not valid text: expected UTF-8, got other bytes"',
          )
        }
          }
        `
      }
        return string(${bytes}), true, nil
      `;
    case "json":
      return code`
        text := bytes.TrimPrefix(${bytes}, []byte("\ufeff"))
        if err := checkJSON(text); err != nil {
          ${refuse(content, none, 'CodeMessageInvalid, "%v", err')}
        }
        return ${
        isOwn ? "text" : "append(json.RawMessage{}, text...)"
      }, true, nil
      `;
  }
}

/** The parameter of `Encode`. */
export function encodeParameter(
  { framing, content }: Plan,
): readonly [name: string, type: string] {
  if (framing.kind === "content-length" && framing.headers) {
    return ["frame", "Frame"];
  }
  if (content.kind === "bytes") return ["frame", "[]byte"];
  return content.kind === "text" ? ["text", "string"] : ["message", "any"];
}

/** What `Encode` does until `frame` is the bytes of the frame. */
export function toBytes(plan: Plan): string {
  const { content, checksums } = plan;
  const covering = coveringChecksum(plan);
  const isOwn = content.kind !== "bytes";
  const inner = checksums.slice(covering === undefined ? 0 : 1).reverse();
  return code`
    ${
    content.kind === "text" && content.fatal && code`
      if !utf8.ValidString(text) {
        return nil, refuse(CodeTextInvalid,
          "the text cannot be sent: expected UTF-8, got other bytes")
      }
    `
  }
    ${content.kind === "text" && "frame := []byte(text)"}
    ${
    content.kind === "json" && code`
      frame, err := marshal(message)
      if err != nil {
        return nil, refuse(CodeMessageInvalid, "%v", err)
      }
    `
  }
    ${
    inner.map((sum, i) =>
      isOwn || i > 0
        ? `frame = append(frame, ${checksumCall(sum, "frame")}...)`
        : code`
          // A copy: the bytes behind the frame of the caller are not ours.
          frame = append(frame[:len(frame):len(frame)], ${
          checksumCall(sum, "frame")
        }...)
        `
    ).join("\n")
  }
  `;
}

/** The functions of checksums and contents. */
export function contentFunctions({ checksums, content }: Plan): string {
  return code`
    ${checksumFunctions(checksums)}

    ${content.kind === "json" && JSON_FUNCTIONS}
  `;
}

const JSON_FUNCTIONS = code`
  // checkJSON returns an error unless text is JSON in UTF-8 that is not nested too deeply.
  func checkJSON(text []byte) error {
    if !utf8.Valid(text) || !json.Valid(text) {
      return errors.New("the message is not JSON: expected JSON in UTF-8, got other bytes")
    }
    depth, inString := 0, false
    for i := 0; i < len(text); i++ {
      switch c := text[i]; {
      case inString && c == '\\':
        i++
      case c == '"':
        inString = !inString
      case inString:
      case c == '[' || c == '{':
        depth++
      case c == ']' || c == '}':
        depth--
      }
      if depth > MaxDepth {
        return fmt.Errorf("the message is nested too deeply: expected at most %d levels, got more", MaxDepth)
      }
    }
    return nil
  }

  // marshal returns the JSON of a message, on one line.
  func marshal(message any) ([]byte, error) {
    var out bytes.Buffer
    encoder := json.NewEncoder(&out)
    encoder.SetEscapeHTML(false)
    if err := encoder.Encode(message); err != nil {
      return nil, fmt.Errorf("the message cannot become JSON: %w", err)
    }
    text := bytes.TrimSuffix(out.Bytes(), []byte("\n"))
    return text, checkJSON(text)
  }
`;

/** The constant of the depth. */
export const DEPTH_CONSTANT: string = code`
  // MaxDepth is how many lists and objects of a message may be within each other.
  const MaxDepth = ${MAX_JSON_DEPTH}
`;
