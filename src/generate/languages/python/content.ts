import { MAX_JSON_DEPTH } from "../../../defaults.ts";
import { code } from "../../code.ts";
import type { Content, PlannedChecksum } from "../../plan.ts";
import { checksumName } from "./checksums.ts";
import { frameError } from "./framing_code.ts";
import { int } from "./literals.ts";

/** One step between the frames of a framing and what is handed out. */
export interface Step {
  /** The expression that takes `frame`, and the offset at which it began. */
  readonly decode: (frame: string) => string;
  /** Whether it can raise an error, and that frame is passed over then. */
  readonly fails: boolean;
  readonly skips: boolean;
  /** The expression that encodes `frame`. */
  readonly encode: string;
  readonly imports?: readonly string[];
  readonly functions?: string;
}

/** The step of a checksum. */
export function checksumStep(
  { name, length, skipsInvalid }: PlannedChecksum,
): Step {
  const check = `_without${checksumName(name)}`;
  return {
    decode: (frame) => `${check}(${frame}, self._frame_offset)`,
    fails: true,
    skips: skipsInvalid,
    encode: `frame + ${checksumName(name)}(frame)`,
    functions: code`
      def ${check}(frame: bytes, offset: int) -> bytes:
          content, got = frame[:-${length}], frame[-${length}:]
          expected = ${checksumName(name)}(content)
          if got != expected:
              raise ${
      frameError({
        code: "CHECKSUM_MISMATCH",
        reason: "The checksum is wrong",
        expected: "{expected.hex()}",
        got: "{got.hex() or 'none'}",
        offset: "offset",
      })
    }
          return content
    `,
  };
}

/** The step of what frames are made into; `undefined` where they stay bytes. */
export function contentStep(content: Content): Step | undefined {
  if (content.kind === "bytes") return undefined;
  const { skipsInvalid: skips } = content;
  if (content.kind === "json") {
    return {
      decode: (frame) => `_json_of(${frame}, self._frame_offset)`,
      fails: true,
      skips,
      encode: "_bytes_of(frame)",
      imports: ["json", "re"],
      functions: jsonFunctions,
    };
  }
  if (!content.fatal) {
    return {
      decode: (frame) => `${frame}.decode("utf-8", "replace")`,
      fails: false,
      skips: false,
      encode: "_bytes_of(frame)",
      functions: encodeText,
    };
  }
  return {
    decode: (frame) => `_text_of(${frame}, self._frame_offset)`,
    fails: true,
    skips,
    encode: "_bytes_of(frame)",
    functions: `${decodeText}\n\n\n${encodeText}`,
  };
}

const decodeText = code`
  def _text_of(frame: bytes, offset: int) -> str:
      try:
          return frame.decode("utf-8")
      except UnicodeDecodeError as error:
          raise ${
  frameError({
    code: "TEXT_INVALID",
    reason: "The frame is not valid text",
    expected: "UTF-8",
    got: "other bytes",
    offset: "offset",
  })
} from error
`;

const encodeText = code`
  def _bytes_of(text: str) -> bytes:
      try:
          return text.encode("utf-8")
      except UnicodeEncodeError as error:
          raise ${
  frameError({
    code: "TEXT_INVALID",
    reason: "The text cannot become UTF-8",
    expected: "well-formed text",
    got: "a lone surrogate",
  })
} from error
`;

/** The constants of JSON. */
export const jsonConstants: string = code`
  # How deep lists and objects may be. Up to Python 3.11, sys.getrecursionlimit() comes
  # first where it is lower.
  MAX_JSON_DEPTH = ${int(MAX_JSON_DEPTH)}

  # What next() returns when no value has arrived: None is a value, null.
  NO_VALUE = object()

  _JSON_TOKEN = re.compile(r'\\.|["\[\]{}]', re.DOTALL)
`;

const jsonFunctions = code`
  def _json_of(frame: bytes, offset: int) -> Any:
      try:
          text = frame.decode("utf-8-sig")
          _check_depth(text)
          return json.loads(text, parse_constant=_refuse_constant)
      except (ValueError, RecursionError) as error:
          raise ${
  frameError({
    code: "MESSAGE_INVALID",
    reason: "The message is not JSON",
    expected: "JSON in UTF-8",
    got: "{error}",
    offset: "offset",
  })
} from error


  def _bytes_of(value: Any) -> bytes:
      try:
          text = json.dumps(
              value, ensure_ascii=False, allow_nan=False, separators=(",", ":")
          )
          _check_depth(text)
      except (TypeError, ValueError, RecursionError) as error:
          raise ${
  frameError({
    code: "MESSAGE_INVALID",
    reason: "The message cannot become JSON",
    expected: "a JSON value",
    got: "{error}",
  })
} from error
      # A lone surrogate becomes an escape of JSON.
      return text.encode("utf-8", "backslashreplace")


  def _check_depth(text: str) -> None:
      """Refuse what would make the parser recurse too deeply."""
      if text.count("[") + text.count("{") <= MAX_JSON_DEPTH:
          return
      depth = 0
      in_string = False
      for match in _JSON_TOKEN.finditer(text):
          token = match[0]
          if token == '"':
              in_string = not in_string
          elif in_string or token.startswith("\\"):
              continue
          elif token in "[{":
              depth += 1
              if depth > MAX_JSON_DEPTH:
                  raise ValueError(f"more than {MAX_JSON_DEPTH} levels")
          else:
              depth -= 1


  def _refuse_constant(name: str) -> None:
      raise ValueError(name)
`;
