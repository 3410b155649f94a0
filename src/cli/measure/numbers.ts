/** How numbers are written in reports: the same in every locale. */

const groups = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });

/** A count, such as `1,234,567`. */
export function countShown(count: number): string {
  return groups.format(count);
}

/** A number of bytes, such as `64 B` and `1.5 MiB`. */
export function bytesShown(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB"];
  let value = bytes;
  while (value >= 1_024 && units.length > 1) {
    value /= 1_024;
    units.shift();
  }
  const digits = units[0] === "B" || value >= 100 ? 0 : 1;
  return `${value.toFixed(digits)} ${units[0]}`;
}

/** A time in microseconds, in milliseconds with three digits that count. */
export function millisecondsShown(microseconds: number): string {
  const ms = microseconds / 1_000;
  const digits = ms < 10 ? 3 : ms < 100 ? 2 : ms < 1_000 ? 1 : 0;
  return `${ms.toFixed(digits)} ms`;
}
