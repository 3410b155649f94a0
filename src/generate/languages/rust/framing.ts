import type { Plan } from "../../plan.ts";

/** The code of a framing: what is not the same for all framings. */
export interface FramingCode {
  /** What the bytes of a frame are, for the comment of the file. */
  readonly picture: string;
  readonly constants: string;
  /** Fields of the decoder beside those of all decoders, each with a comma. */
  readonly fields?: string;
  /** What reads the bytes of the next frame: the body of a method of the decoder. */
  readonly read: string;
  /** Methods of the decoder that only the framing calls. */
  readonly methods?: string;
  /** Types and functions that only the framing uses. */
  readonly items?: string;
  /** What encodes `frame`, of type `&[u8]`: the body of a function. */
  readonly encode: string;
}

/** What the code of a framing must know of the rest. */
export interface Setting {
  readonly plan: Plan;
  /** Whether frames are handed out otherwise than as they were framed. */
  readonly hasViews: boolean;
  /** Whether any frame is passed over with a report. */
  readonly reports: boolean;
  /** What `read` takes: a frame, or the bytes of one, perhaps with their offset. */
  readonly frame: string;
  /** What `read` returns. */
  readonly returns: string;
  /** An empty text, or what must stand in `read` before the frame is passed. */
  readonly keepOffset: string;
  /** The expression that `read` returns for a frame in a variable. */
  some(frame: string): string;
  /** Whether the framing itself writes the first checksum. */
  readonly hasOwnSum: boolean;
}

export function settingOf(plan: Plan): Setting {
  const { framing, limit, checksums, content } = plan;
  const hasViews = checksums.length > 0 || content.kind !== "bytes";
  const reports = limit.skips ||
    "skipsInvalid" in framing && framing.skipsInvalid ||
    "skipsInvalid" in content && content.skipsInvalid ||
    checksums.some(({ skipsInvalid }) => skipsInvalid);
  const needsOffset = checksums.length > 0 || content.kind === "json" ||
    content.kind === "text" && content.fatal;
  const frame = needsOffset ? "(u64, Vec<u8>)" : hasViews ? "Vec<u8>" : "Frame";
  return {
    plan,
    hasViews,
    reports,
    frame,
    returns: `Result<Option<${frame}>, FrameError>`,
    keepOffset: needsOffset ? "let offset = self.offset;" : "",
    some: (name) =>
      needsOffset ? `Ok(Some((offset, ${name})))` : `Ok(Some(${name}))`,
    // A header that frames include is covered, so the length is filled in before.
    hasOwnSum: framing.kind === "length",
  };
}
