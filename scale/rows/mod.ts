import type { ScaleRow } from "../row.ts";
import { engineKill } from "./engine_kill.ts";

/** All rows, in the order of the table. */
export const rows: readonly ScaleRow[] = [
  engineKill,
];
