/// <reference lib="dom" />

/**
 * Starts the page: a worker unpacks its parts, which stand one behind the other. The
 * policy of the page has the hashes of its style and program; the engine runs in a
 * worker of its own.
 */
const packed = document.getElementById("packed")!;
const unpacker = document.getElementById("unpacker")!.textContent!;
const worker = new Worker(URL.createObjectURL(new Blob([unpacker])));
worker.postMessage([packed.textContent, Number(packed.dataset.length)]);
worker.onmessage = ({ data }: MessageEvent<string>) => {
  worker.terminate();
  const [engine = "", program = "", style = "", body = ""] = data.split("\0");
  document.body.innerHTML = body;
  document.body.dataset.engine = engine;
  add(document.head, "style", style);
  add(document.body, "script", program);
};

function add(parent: Element, name: "style" | "script", text: string): void {
  const element = document.createElement(name);
  element.textContent = text;
  parent.append(element);
}
