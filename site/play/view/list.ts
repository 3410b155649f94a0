/// <reference lib="dom" />
import { scrollTo, windowOf } from "../logic/window.ts";

/** What a list shows. */
export interface Rows {
  readonly height: number;
  count(): number;
  /** The HTML of a row. */
  row(index: number): string;
  /** Tells which rows are about to be drawn. */
  need?(from: number, to: number): void;
  /** Tells that other rows are drawn. */
  drawn?(): void;
  /** Tells that a row was chosen. */
  choose?(index: number): void;
}

/** A list of any length, of which only what is in view is in the document. */
export class List {
  readonly #element: HTMLElement;
  readonly #rows: Rows;
  readonly #sizer: HTMLElement = document.createElement("div");
  readonly #shown: HTMLElement = document.createElement("div");
  #html = "";
  #isDue = false;
  /** The row that the keyboard is at. */
  current = 0;

  constructor(element: HTMLElement, rows: Rows) {
    this.#element = element;
    this.#rows = rows;
    for (const one of [this.#sizer, this.#shown]) one.role = "presentation";
    this.#sizer.append(this.#shown);
    element.append(this.#sizer);
    element.addEventListener("scroll", () => this.draw(), { passive: true });
    new ResizeObserver(() => this.draw()).observe(element);
    if (rows.choose === undefined) return;
    element.addEventListener("click", ({ target }) => {
      const row = (target as Element).closest<HTMLElement>("[data-row]");
      if (row !== null) this.#choose(Number(row.dataset.row));
    });
    element.addEventListener("keydown", (event) => this.#pressed(event));
  }

  /** Draws before the next picture. */
  draw(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    requestAnimationFrame(() => {
      this.#isDue = false;
      this.drawNow();
    });
  }

  drawNow(): void {
    const rows = this.#rows;
    const { clientHeight, scrollTop } = this.#element;
    const count = rows.count();
    const { from, to, height, top } = windowOf(
      count,
      rows.height,
      clientHeight || 300,
      scrollTop,
    );
    this.#sizer.style.height = `${height}px`;
    this.#shown.style.top = `${Math.min(top, height)}px`;
    rows.need?.(from, to);
    let html = "";
    for (let i = from; i < to; i++) html += rows.row(i);
    if (html === this.#html) return;
    this.#html = html;
    this.#shown.innerHTML = html;
    if (rows.choose !== undefined) this.#mark();
    rows.drawn?.();
  }

  /** Scrolls a row into view. */
  reveal(row: number): void {
    const { clientHeight, scrollTop } = this.#element;
    const { height } = this.#rows;
    const count = this.#rows.count();
    this.#element.scrollTop = scrollTo(
      row,
      count,
      height,
      clientHeight,
      scrollTop,
    );
    this.drawNow();
  }

  /** Makes a row the current one, without telling anybody. */
  setCurrent(row: number): void {
    this.current = row;
    this.reveal(row);
    this.#mark();
  }

  #choose(row: number): void {
    this.setCurrent(row);
    this.#rows.choose?.(row);
  }

  #mark(): void {
    const { id } = this.#element;
    this.#element.removeAttribute("aria-activedescendant");
    for (const row of this.#shown.children) {
      const isCurrent = (row as HTMLElement).dataset.row === `${this.current}`;
      row.setAttribute("aria-selected", `${isCurrent}`);
      row.id = isCurrent ? `${id}-row` : "";
      if (isCurrent) {
        this.#element.setAttribute("aria-activedescendant", row.id);
      }
    }
  }

  #pressed(event: KeyboardEvent): void {
    const last = this.#rows.count() - 1;
    const to = {
      ArrowDown: this.current + 1,
      ArrowUp: this.current - 1,
      PageDown: this.current + 8,
      PageUp: this.current - 8,
      Home: 0,
      End: last,
      Enter: this.current,
    }[event.key];
    if (to === undefined || last < 0) return;
    event.preventDefault();
    this.#choose(Math.min(Math.max(0, to), last));
  }
}
