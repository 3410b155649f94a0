/** What one framing adds to the code that all formats have in common. */
export interface FramingPart {
  /** What a frame is on the wire, for the comment at the top. */
  readonly picture: string;
  /** Members of the decoder: its constants and the state of an incomplete frame. */
  readonly state: string;
  /**
   * Statements that give `frame` its value and return `true`, or return `false` if the
   * frame is incomplete.
   */
  readonly read: string;
  /** Private methods of the decoder. */
  readonly methods?: string;
  /** Statements that make the state that of a new frame, after bytes were removed. */
  readonly reset?: string;
  /** The same where `TakeUnread` has removed them. */
  readonly resetUnread?: string;
  /** Constants of the encoder. */
  readonly encoderState?: string;
  /** Statements that refuse the parameter `frame`, or return its bytes. */
  readonly encode: string;
  /** Further types of the file. */
  readonly types?: string;
  /** Namespaces that the code uses besides those of all formats. */
  readonly usings?: readonly string[];
}

/** What the parts of the code of one format must know of each other. */
export interface Scope {
  /** Whether frames can be passed over. */
  readonly skips: boolean;
  /**
   * Whether the beginning of a frame is kept in `_frameOffset`, since bytes of the
   * frame are removed before its last error. Otherwise it is `_offset`.
   */
  readonly keepsOffset: boolean;
  /** What to write where a frame begins: `_frameOffset = _offset;`, or nothing. */
  readonly begin: string;
}

/** Arrays have at most so many bytes on all runtimes. */
export const MAX_INT: number = 2 ** 31 - 1;

/** The type of a number, and of lengths that are compared with it. */
export function typeOf(value: number | bigint): "int" | "long" {
  return value > MAX_INT || value < -MAX_INT ? "long" : "int";
}

/** A byte as C# writes it, such as `0x0a`. */
export function byte(value: number): string {
  return `0x${value.toString(16).padStart(2, "0")}`;
}

/** The elements of an array of bytes, such as `0x0d, 0x0a`. */
export function bytes(values: Uint8Array): string {
  return Array.from(values, byte).join(", ");
}

/** Bytes for people: characters where they have some, such as `"\r\n"`. */
export function shown(values: Uint8Array): string {
  const isText = values.every((value) =>
    value >= 0x20 && value < 0x7f || [9, 10, 13].includes(value)
  );
  return isText
    ? JSON.stringify(String.fromCharCode(...values))
    : Array.from(values, (value) => value.toString(16).padStart(2, "0"))
      .join(" ");
}

/** How many bytes, such as `1 byte`. */
export function byteCount(count: number): string {
  return `${count} byte${count === 1 ? "" : "s"}`;
}

/** The constant that is the limit of a class. */
export function maxFrameLength(limit: number | bigint, of: string): string {
  const note = limit > 2 ** 30
    ? `
/// <remarks>A frame that does not fit in an array ends in an <see cref="OverflowException"/>.</remarks>`
    : "";
  return `/// <summary>The maximum length of a frame ${of}, in bytes.</summary>${note}
public const ${typeOf(limit)} MaxFrameLength = ${limit};`;
}
