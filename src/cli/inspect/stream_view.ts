import type { Palette } from "../terminal/palette.ts";
import type { HexLayout } from "../hex/hex_layout.ts";

/** What is shown of a stream, as its bytes come. */
export interface StreamView {
  /** The lines for the next bytes. */
  push(chunk: Uint8Array): Iterable<string>;
  /** The lines for the end of the stream. */
  end(): Iterable<string>;
  /** Where the next bytes are in the stream. */
  readonly offset: number;
  /** Whether a bad frame has ended it. */
  readonly isBad: boolean;
}

/** How streams are shown. */
export interface ViewOptions {
  readonly layout: HexLayout;
  readonly palette: Palette;
  /** Whether chunks are what the peer's writes became, or only pieces of a file. */
  readonly showsReads: boolean;
  /** How many columns a title has before it goes on in another line. */
  readonly titleWidth: number;
  /** The name of the stream, where there are several. */
  readonly label?: string | undefined;
  /** The offset of the first byte. */
  readonly start?: number;
  /** What is counted over all streams. */
  readonly totals: Totals;
  /** How many frames may still be shown. */
  readonly budget: { frames: number };
}

/** Frames that were shown. */
export interface Totals {
  frames: number;
  /** Those that lie in more than one read. */
  cut: number;
  /** Those that share their read with another one. */
  glued: number;
}

/** The name of a stream behind that of one of its parts. */
export function ofStream({ label }: Pick<ViewOptions, "label">): string {
  return label === undefined ? "" : ` of ${label}`;
}
