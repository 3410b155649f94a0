/** What one framing adds to the code that all formats have in common. */
export interface FramingPart {
  /** What a frame is on the wire, for the comment at the top. */
  readonly picture: string;
  /** Constants of the decoder and the encoder. */
  readonly constants: string;
  /** Fields of the decoder: the state of an incomplete frame. */
  readonly state?: string;
  /** Statements that return the next frame, or `null` if it is incomplete. */
  readonly read: string;
  /** Private methods of the decoder. */
  readonly methods?: string;
  /** Statements that make the state that of a new frame, after bytes were removed. */
  readonly reset?: string;
  /** The same where `takeUnread` has removed them. */
  readonly resetUnread?: string;
  /** Statements that refuse the parameter `frame`, or return its bytes. */
  readonly encode: string;
  /** Private methods of the decoder and the encoder. */
  readonly helpers?: string;
  /** Further nested classes. */
  readonly types?: string;
  /** Classes that the code imports besides those of all formats. */
  readonly imports?: readonly string[];
}

/** What the parts of the code of one format must know of each other. */
export interface Scope {
  /** Whether frames can be passed over. */
  readonly skips: boolean;
  /**
   * Whether the beginning of a frame is kept in `frameOffset`, since bytes of the
   * frame are removed before its last error. Otherwise it is `offset`.
   */
  readonly keepsOffset: boolean;
  /** What to write where a frame begins: `frameOffset = offset;`, or nothing. */
  readonly begin: string;
}

/** Arrays have at most so many bytes. */
export const MAX_INT: number = 2 ** 31 - 1;

/** The type of a number, and of lengths that are compared with it. */
export function typeOf(value: number | bigint): "int" | "long" {
  return value > MAX_INT || value < -MAX_INT ? "long" : "int";
}

/** A number as Java writes it. */
export function literal(value: number | bigint): string {
  return `${value}${typeOf(value) === "long" ? "L" : ""}`;
}

/** A number from 0 to 255 as Java writes it, such as `0x0a`. */
export function octet(value: number): string {
  return `0x${value.toString(16).padStart(2, "0")}`;
}

/** The same as a `byte`, such as `(byte) 0xc0`. */
export function byte(value: number): string {
  return value < 0x80 ? octet(value) : `(byte) ${octet(value)}`;
}

/** An array of bytes, such as `{0x0d, 0x0a}`. */
export function bytes(values: Uint8Array): string {
  return `{${Array.from(values, byte).join(", ")}}`;
}

/** Bytes in hexadecimal for people, such as `0d 0a`. */
export function hexOf(values: Uint8Array): string {
  return Array.from(values, (value) => value.toString(16).padStart(2, "0"))
    .join(" ");
}

/** Bytes for people: characters where they have some, such as `"\r\n"`. */
export function shown(values: Uint8Array): string {
  const isText = values.every((value) =>
    value >= 0x20 && value < 0x7f || [9, 10, 13].includes(value)
  );
  return isText
    ? JSON.stringify(String.fromCharCode(...values))
    : hexOf(values);
}

/** How many bytes, such as `1 byte`. */
export function byteCount(count: number): string {
  return `${count} byte${count === 1 ? "" : "s"}`;
}
