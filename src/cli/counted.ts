/** A number and what it counts: “1 frame”, “2 frames”. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
