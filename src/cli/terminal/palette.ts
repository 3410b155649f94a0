import type { FieldName } from "../../format/fields_of.ts";

/** What a piece of text is, which decides its colour. */
export type Role =
  | FieldName
  /** What is wrong: a bad frame, a failure. */
  | "error"
  /** What needs a look. */
  | "warning"
  /** What is as it should be. */
  | "good"
  /** What matters less than the rest: offsets, rules, notes. */
  | "dim"
  /** What matters most: a title, a name. */
  | "strong"
  /** The two directions of a connection. */
  | "toServer"
  | "toClient";

/** Puts text in the colour of its role. */
export type Palette = Readonly<Record<Role, (text: string) => string>>;

/** The codes of ECMA-48 that begin and end a look. */
const BOLD = [1, 22] as const;
const DIM = [2, 22] as const;
const RED = [31, 39] as const;
const GREEN = [32, 39] as const;
const YELLOW = [33, 39] as const;
const BLUE = [94, 39] as const;
const MAGENTA = [35, 39] as const;
const CYAN = [36, 39] as const;

const looks: Readonly<Record<Role, readonly [number, number]>> = {
  length: CYAN,
  header: BLUE,
  command: YELLOW,
  reply: YELLOW,
  start: MAGENTA,
  body: GREEN,
  end: MAGENTA,
  checksum: YELLOW,
  trailer: BLUE,
  delimiter: MAGENTA,
  terminator: MAGENTA,
  skipped: DIM,
  error: RED,
  warning: YELLOW,
  good: GREEN,
  dim: DIM,
  strong: BOLD,
  toServer: CYAN,
  toClient: MAGENTA,
};

/**
 * The colours of a terminal. They are among the 16 that a reader can set, so that they
 * suit a light and a dark background; each ends with its own code, so that one may
 * stand within another.
 *
 * @param color Whether there are any: `output.color`. Without, text stays as it is.
 */
export function paint(color: boolean): Palette {
  return color ? colored : plain;
}

const colored = paletteOf(([begin, end]) => (text) =>
  text === "" ? "" : `\x1b[${begin}m${text}\x1b[${end}m`
);
const plain = paletteOf(() => (text) => text);

function paletteOf(
  painter: (look: readonly [number, number]) => (text: string) => string,
): Palette {
  return Object.fromEntries(
    Object.entries(looks).map(([role, look]) => [role, painter(look)]),
  ) as Palette;
}
