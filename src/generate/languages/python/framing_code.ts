import { code } from "../../code.ts";
import { int } from "./literals.ts";

/** The code of a framing: what the decoder and the encoder of a format are made of. */
export interface FramingCode {
  /** Modules of the standard library that it needs. */
  readonly imports?: readonly string[];
  /** Definitions at the beginning of the module. */
  readonly constants?: string;
  /** Classes at the beginning of the module. */
  readonly classes?: string;
  /** The attributes of a decoder, besides those that all have. */
  readonly state?: string;
  /** What `_drop` does besides removing the bytes. */
  readonly drop?: string;
  /** What `unread` does when it has taken the bytes. */
  readonly unread?: string;
  /** The type of the frames; `bytes` where nothing is said. */
  readonly type?: string;
  /**
   * The methods of a decoder: `_read` returns a frame or `None`, and what `finish`
   * calls.
   */
  readonly methods: string;
  /** What is done at the end of the stream, when `frame` is `None`. */
  readonly finish: string;
  /** Whether its own frames are passed over: then `_frame_offset` and `_on_skip` are there. */
  readonly skips: boolean;
  /** The body of `encode`, which is given `frame` and returns bytes. */
  readonly encode: string;
  /** Functions behind `encode`. */
  readonly functions?: string;
}

/** What surrounds a framing. */
export interface Surroundings {
  /** Whether `_frame_offset` must hold the offset at which the frame began. */
  readonly tracks: boolean;
}

/** What an error says. The texts may have placeholders of Python in braces. */
export interface ErrorText {
  readonly code: string;
  readonly reason: string;
  readonly expected: string;
  readonly got: string;
  /** The expression of the offset; the encoder has none. */
  readonly offset?: string;
}

/** An expression that makes an error. */
export function frameError(
  { code, reason, expected, got, offset }: ErrorText,
): string {
  const strings = inLines([
    `${reason}: `,
    `expected ${expected}, `,
    `got ${got}`,
  ])
    .map((text) => `${text.includes("{") ? "f" : ""}"${text}"`);
  const lines = [
    "FrameError(",
    `    "${code}",`,
    `    ${strings.join("\n    ")},`,
    ...offset === undefined ? [] : [`    ${offset},`],
    ")",
  ];
  return lines.join("\n");
}

/** Parts of a text in lines that are short enough at all indentations. */
function inLines(parts: readonly string[]): string[] {
  const lines: string[] = [];
  for (const part of parts) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + part.length <= 64) {
      lines[lines.length - 1] = last + part;
    } else lines.push(part);
  }
  return lines;
}

/** The function that makes the error of a frame over a limit. */
export const tooLarge: string = code`
  def _too_large(most: int, got: str, offset: int | None = None) -> FrameError:
      return FrameError(
          "FRAME_TOO_LARGE",
          f"The frame is too large: expected at most {most} bytes, got {got}",
          offset,
      )
`;

/** The names of the limits, and their definitions. */
export interface LimitCode {
  /** The limit of the decoder; `undefined` where nothing can exceed it. */
  readonly decoded: string | undefined;
  /** The limit of the encoder. */
  readonly encoded: string;
  readonly constants: string;
}

/**
 * The constants of limits.
 *
 * @param decoded The limit of the decoder; `undefined` where nothing can exceed it.
 */
export function limitCode(
  decoded: number | bigint | undefined,
  encoded: number | bigint,
): LimitCode {
  const isOne = decoded === undefined || decoded === encoded;
  const name = isOne ? "MAX_FRAME_LENGTH" : "MAX_ENCODED_LENGTH";
  return {
    decoded: decoded === undefined ? undefined : "MAX_FRAME_LENGTH",
    encoded: name,
    constants: [
      `MAX_FRAME_LENGTH = ${int(isOne ? encoded : decoded)}`,
      ...isOne ? [] : [`MAX_ENCODED_LENGTH = ${int(encoded)}`],
    ].join("\n"),
  };
}

/**
 * The method that refuses a stream that has ended inside a frame.
 *
 * @param before What it does first.
 */
export function checkEnd(
  condition: string,
  expected: string,
  skips: boolean,
  before = "",
): string {
  const got = skips
    ? "{self._offset + len(self._buffer) - self._frame_offset} bytes"
    : "{len(self._buffer)} bytes";
  const error = frameError({
    code: "FRAME_TRUNCATED",
    reason: "The stream ended inside a frame",
    expected,
    got,
    offset: skips ? "self._frame_offset" : "self._offset",
  });
  return code`
    def _check_end(self) -> None:
        ${before}
        if ${condition}:
            raise ${error}
  `;
}

/** Part of bytes, as formatters write it. */
export function slice(
  bytes: string,
  from: string | number,
  to: string | number,
): string {
  const isSimple = [from, to].every((one) => /^\w*$/.test(`${one}`));
  const [space, start] = [isSimple ? "" : " ", from === 0 ? "" : from];
  return `${bytes}[${start}${start === "" ? "" : space}:${space}${to}]`;
}

/** A number of bytes, for people. */
export function counted(count: number): string {
  return `${count} ${count === 1 ? "byte" : "bytes"}`;
}

/** Parts of a module or a class with empty lines between them. */
export function joined(
  parts: readonly (string | undefined | false)[],
  gap: string,
): string {
  return parts.filter((part) => part).join(gap);
}
