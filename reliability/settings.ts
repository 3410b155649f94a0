/** Settings on a command line: JSON that has `Infinity`, too. */

const INFINITE = "Infinity";

export function printSettings(settings: unknown): string {
  return JSON.stringify(
    settings,
    (_, value) => value === Infinity ? INFINITE : value,
  );
}

export function parseSettings(text: string): unknown {
  return JSON.parse(
    text,
    (_, value) => value === INFINITE ? Infinity : value,
  );
}
