/// <reference lib="dom" />
import { printHex } from "../logic/hex.ts";
import type { Notation } from "../protocol.ts";
import { state, theEngine } from "../state.ts";
import { text } from "../strings/texts.ts";
import { at, html, onClick } from "./dom.ts";
import { List } from "./list.ts";

/** A message that has come or was sent. */
interface Shown {
  readonly time: string;
  readonly isSent: boolean;
  readonly said: string;
}

/** The first wait before a new connection; each next one is twice as long. */
const FIRST_WAIT_S = 1;
const MOST_WAIT_S = 16;

const address = at<HTMLInputElement>("address");
const mode = at<HTMLSelectElement>("live-mode");
let socket: WebSocket | undefined;
let timer: ReturnType<typeof setTimeout> | undefined;
let wait = FIRST_WAIT_S;
let shown: Shown[] = [];
/** Those that have come during a pause. */
let held: Shown[] = [];
let isPaused = false;
/** Frames are decoded in the order in which their messages came. */
let last: Promise<unknown> = Promise.resolve();

const list: List = new List(at("messages"), {
  height: 32,
  count: () => shown.length,
  row: (index) => {
    const { time, isSent, said } = shown[index]!;
    return `<div role="option" class="row item" data-row="${index}"><small>${time}</small><strong>${
      isSent ? "→" : "←"
    }</strong><span>${html(said)}</span></div>`;
  },
  choose: () => {},
});

/** The address of the live connection, for links. */
export function liveAddress(): string {
  return address.value;
}

/** Draws what the language and the expression change. */
export function drawLive(): void {
  at("mode-frames").textContent = text("modeFrames", state.expression);
  const frame = mode.value === "frames"
    ? ` --frame '${state.expression.replaceAll("'", "'\\''")}'`
    : "";
  const origin = location.protocol === "file:" ? "null" : location.origin;
  at("live-command").textContent =
    `npx @framewire/framewire listen ${address.value}${frame} --echo --origin ${origin}`;
  at("connect").textContent = text(
    socket === undefined && timer === undefined ? "connect" : "disconnect",
  );
  at("pause").textContent = text(isPaused ? "resume" : "pause") +
    (held.length === 0 ? "" : ` (${text("held", held.length)})`);
  at("pause").setAttribute("aria-pressed", `${isPaused}`);
  const isOpen = socket?.readyState === WebSocket.OPEN;
  at<HTMLButtonElement>("send").disabled = !isOpen;
  at("live-state").textContent = timer !== undefined
    ? text("again", wait)
    : text(isOpen ? "open" : socket === undefined ? "closed" : "connecting");
}

/** Whether each message is a frame, as `framewire listen` has it. */
function isOfMessages(): boolean {
  return mode.value === "text" ||
    /^length( \||$)/.test(state.decoded?.normal ?? state.expression);
}

function connect(): void {
  clearTimeout(timer);
  timer = undefined;
  at("live-error").textContent = "";
  try {
    socket = new WebSocket(address.value);
  } catch (error) {
    at("live-error").textContent = `${error}`;
    return drawLive();
  }
  const own = socket;
  own.binaryType = "arraybuffer";
  if (!isOfMessages()) void theEngine()?.open(state.expression);
  own.onopen = () => {
    wait = FIRST_WAIT_S;
    drawLive();
  };
  own.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) => {
    if (typeof data === "string") return add(false, [data]);
    const bytes = new Uint8Array(data);
    if (isOfMessages()) return add(false, [printHex(bytes.slice(0, 256))]);
    last = last.then(async () => {
      add(false, await theEngine()?.receive(bytes) ?? []);
    });
  };
  own.onclose = ({ code, reason }) => {
    if (own !== socket) return;
    socket = undefined;
    at("live-error").textContent = `WebSocket ${code} ${reason}`;
    if (at<HTMLInputElement>("reconnect").checked) {
      timer = setTimeout(connect, 1_000 * wait);
      drawLive();
      wait = Math.min(2 * wait, MOST_WAIT_S);
    } else drawLive();
  };
  drawLive();
}

function disconnect(): void {
  clearTimeout(timer);
  timer = undefined;
  const own = socket;
  socket = undefined;
  own?.close();
  drawLive();
}

function add(isSent: boolean, texts: readonly string[]): void {
  const time = new Date().toTimeString().slice(0, 8);
  const most = Number(at<HTMLSelectElement>("keep").value);
  const added = texts.map((said): Shown => ({
    time,
    isSent,
    said: said.slice(0, 400),
  }));
  if (isPaused) held = [...held, ...added].slice(-most);
  else {
    shown.push(...added);
    if (shown.length > most) shown = shown.slice(-most);
    list.draw();
    follow();
  }
  drawLive();
}

let isDue = false;
/** Shows the newest ones. */
function follow(): void {
  if (isDue) return;
  isDue = true;
  requestAnimationFrame(() => {
    isDue = false;
    list.setCurrent(shown.length - 1);
  });
}

/** A message has its own length: that of the frame is left out. */
function asMessage(bytes: Uint8Array<ArrayBuffer>): string | BufferSource {
  if (!isOfMessages()) return bytes;
  const body = bytes.slice(4);
  return /json|text/.test(state.expression)
    ? new TextDecoder().decode(body)
    : body;
}

async function send(): Promise<void> {
  const message = at<HTMLInputElement>("live-message");
  const notation = at<HTMLSelectElement>("live-notation").value as Notation;
  try {
    if (mode.value === "text") socket?.send(message.value);
    else {
      const bytes = await theEngine()?.encode(
        state.expression,
        notation,
        message.value,
      );
      if (bytes !== undefined) socket?.send(asMessage(bytes));
    }
    add(true, [message.value]);
    message.value = "";
    at("live-error").textContent = "";
  } catch (error) {
    at("live-error").textContent = error instanceof Error
      ? error.message
      : `${error}`;
  }
}

onClick("connect", () => {
  if (socket !== undefined || timer !== undefined) return disconnect();
  wait = FIRST_WAIT_S;
  connect();
});
onClick("pause", () => {
  isPaused = !isPaused;
  shown = [...shown, ...held].slice(
    -Number(at<HTMLSelectElement>("keep").value),
  );
  held = [];
  list.draw();
  drawLive();
});
onClick("clear", () => {
  shown = [];
  held = [];
  list.draw();
  drawLive();
});
onClick("send", send);
at("live-message").addEventListener("keydown", ({ key }) => {
  if (key === "Enter" && socket?.readyState === WebSocket.OPEN) void send();
});
address.addEventListener("input", drawLive);
mode.addEventListener("change", () => {
  disconnect();
});
