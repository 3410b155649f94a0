/** Makes the source maps that `deno pack` writes fit to be published. */

const prefix = "//# sourceMappingURL=data:application/json;base64,";

/**
 * Rewrites the maps inside the `.js` files below `folder`: `deno pack` names the
 * sources by their place on the machine that built the package. The text of the
 * sources is in the maps, so nothing else need be shipped.
 */
export async function makeMapsRelative(folder: string): Promise<void> {
  for await (const entry of Deno.readDir(folder)) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory) await makeMapsRelative(path);
    else if (path.endsWith(".js")) await rewrite(path);
  }
}

async function rewrite(path: string): Promise<void> {
  const code = await Deno.readTextFile(path);
  const at = code.lastIndexOf(prefix);
  if (at === -1) return;
  const map = JSON.parse(fromBase64(code.slice(at + prefix.length)));
  map.sources = map.sources.map((source: string) =>
    "./" + source.slice(source.lastIndexOf("/") + 1)
  );
  const encoded = toBase64(JSON.stringify(map));
  await Deno.writeTextFile(path, `${code.slice(0, at)}${prefix}${encoded}\n`);
}

function fromBase64(text: string): string {
  return new TextDecoder().decode(Uint8Array.fromBase64(text.trim()));
}

function toBase64(text: string): string {
  return new TextEncoder().encode(text).toBase64();
}
