/** Marks what a bundler may leave out. */

/** A node of a syntax tree, as rollup parses it. */
interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
}

/** A text that is put into the code. */
interface Mark {
  readonly at: number;
  readonly text: string;
}

/**
 * Marks what is called or put together outside of functions as pure, so that bundlers
 * leave it out where nobody uses the result. Importing a module of this package has no
 * effect: `sideEffects` in package.json promises it of whole files, this of their
 * parts.
 */
export function annotateCalls(code: string, tree: Node): string {
  const marks: Mark[] = [];
  collectMarks(tree, marks);
  let marked = "";
  let from = 0;
  for (const { at, text } of marks.toSorted((a, b) => a.at - b.at)) {
    marked += code.slice(from, at) + text;
    from = at;
  }
  return marked + code.slice(from);
}

function collectMarks(node: Node, marks: Mark[]): void {
  if (/Function|MethodDefinition|StaticBlock/.test(node.type)) return;
  if (/^(Call|New)Expression$/.test(node.type)) {
    marks.push({ at: node.start, text: "/*@__PURE__*/" });
  }
  // A spread could call a getter. Only a call can be marked.
  if (isSpread(node)) {
    marks.push({ at: node.start, text: "/*@__PURE__*/(()=>(" });
    marks.push({ at: node.end, text: "))()" });
    return;
  }
  for (const value of Object.values(node)) {
    for (const child of Array.isArray(value) ? value : [value]) {
      if (isNode(child)) collectMarks(child, marks);
    }
  }
}

/** Whether it is an object into which others are spread. */
function isSpread(node: Node): boolean {
  return "properties" in node && Array.isArray(node.properties) &&
    node.properties.some((part) =>
      isNode(part) && part.type === "SpreadElement"
    );
}

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && "type" in value;
}
