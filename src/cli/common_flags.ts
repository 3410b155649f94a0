import type { Flags } from "./flags.ts";

/** Flags that every verb has. */
export const COMMON: readonly (keyof Flags)[] = ["color", "help"];
