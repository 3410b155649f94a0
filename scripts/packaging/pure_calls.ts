/** Marks what a bundler may leave out. */

/** A node of a syntax tree, as rollup parses it. */
interface Node {
  readonly type: string;
  readonly start: number;
}

/**
 * Marks the calls outside of functions as pure, so that bundlers leave them out
 * where nobody uses their result. Importing a module of this package has no effect:
 * `sideEffects` in package.json promises it of whole files, this of their parts.
 */
export function annotateCalls(code: string, tree: Node): string {
  const places: number[] = [];
  collectCalls(tree, places);
  let marked = "";
  let from = 0;
  for (const place of places.sort((a, b) => a - b)) {
    marked += `${code.slice(from, place)}/*@__PURE__*/`;
    from = place;
  }
  return marked + code.slice(from);
}

function collectCalls(node: Node, places: number[]): void {
  if (/Function|MethodDefinition|StaticBlock/.test(node.type)) return;
  if (/^(Call|New)Expression$/.test(node.type)) places.push(node.start);
  for (const value of Object.values(node)) {
    for (const child of Array.isArray(value) ? value : [value]) {
      if (isNode(child)) collectCalls(child, places);
    }
  }
}

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && "type" in value;
}
