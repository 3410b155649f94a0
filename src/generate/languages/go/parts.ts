import type { Content, Plan } from "../../plan.ts";

/** A field of the decoder: its name, its type and what it is. */
export type Field = readonly [name: string, type: string, comment: string];

/** What a framing adds to the code that all formats have. */
export interface FramingCode {
  /** A frame in one line, for the comment. */
  readonly picture: string;
  /** Constants and variables. */
  readonly declarations: string;
  /** Fields of the decoder. */
  readonly fields: readonly Field[];
  /** What becomes of them when bytes are dropped: statements. */
  readonly onDrop: string;
  /** The body of the function that returns the next frame. */
  readonly next: string;
  /** Functions that this body calls. */
  readonly helpers: string;
  /** What is left of `Encode` when `frame` is the bytes of the frame. */
  readonly encode: string;
}

/**
 * How a framing hands out its frames: as they are for the program, or as bytes, where
 * something looks at these before they become a frame.
 */
export interface Frames {
  readonly plan: Plan;
  /** The type of what `Next` returns. */
  readonly type: string;
  /** The value of that type for no frame. */
  readonly none: string;
  /** Whether checksums or contents can be wrong: frames are then bytes at first. */
  readonly isChecked: boolean;
  /** Whether the decoder passes frames over with a report. */
  readonly skips: boolean;
  /** Whether a frame can begin elsewhere than at the first byte that is left. */
  readonly isTracked: boolean;
  /** Returns no frame; `error` is an expression. */
  no(error: string): string;
  /** A frame made of a part of the buffer. */
  from(part: string): string;
  /** A frame made of bytes that are not in the buffer. */
  own(bytes: string): string;
  /** In `Encode`: the frame, so that what is appended does not write behind it. */
  readonly room: string;
}

/** Works out how the frames of a plan are handed out. */
export function framesOf(plan: Plan): Frames {
  const { framing, content, checksums, limit } = plan;
  const [type, none] = typeOf(plan);
  const isChecked = checksums.length > 0 || content.kind === "json" ||
    content.kind === "text" && content.fatal;
  const skipsFraming = limit.skips && framing.kind !== "fixed" ||
    "skipsInvalid" in framing && framing.skipsInvalid;
  const isText = content.kind === "text" && !isChecked;
  return {
    plan,
    type,
    none,
    isChecked,
    skips: skipsFraming || skipsContent(plan),
    isTracked: isChecked || skipsFraming,
    no: (error) => `return ${isChecked ? "nil" : none}, false, ${error}`,
    from: (part) =>
      isText
        ? `string(${part})`
        : isChecked
        ? part
        : `append([]byte{}, ${part}...)`,
    own: (bytes) => isText ? `string(${bytes})` : bytes,
    room: content.kind === "bytes" && checksums.length === 0
      ? "frame[:len(frame):len(frame)]"
      : "frame",
  };
}

const types: Record<Content["kind"], readonly [type: string, none: string]> = {
  bytes: ["[]byte", "nil"],
  text: ["string", '""'],
  json: ["json.RawMessage", "nil"],
};

function typeOf({ framing, content }: Plan): readonly [string, string] {
  return framing.kind === "content-length" && framing.headers
    ? ["Frame", "Frame{}"]
    : types[content.kind];
}

/** Whether frames with a wrong checksum or content are passed over. */
export function skipsContent({ checksums, content }: Plan): boolean {
  return [...checksums, content]
    .some((one) => "skipsInvalid" in one && one.skipsInvalid);
}
