/** The modules that a package is made of: the sources, or what dnt made of them. */
export interface Modules {
  /** The folder of `mod` and of `src`, with a slash at its end. */
  readonly code: string;
  /** What the names of their files end with. */
  readonly extension: ".ts" | ".js";
  /** The folder of their declarations, laid out alike. */
  readonly declarations: string;
}
