import { code } from "../../code.ts";
import type { DelimitedFraming } from "../../plan.ts";
import { goByte, goString } from "./syntax.ts";

/** How the delimiters are searched. */
export type Search = "byte" | "bytes" | "lines" | "several";

/** Works out how the delimiters are searched. */
export function searchOf({ delimiters }: DelimitedFraming): Search {
  const [first] = delimiters;
  if (delimiters.length === 1) return first!.length === 1 ? "byte" : "bytes";
  const all = delimiters.map(goString).sort().join();
  return all === '"\\n","\\r\\n"' ? "lines" : "several";
}

/** The delimiters, the longest first, since that counts where several begin. */
export function delimiterList(
  { delimiters }: DelimitedFraming,
  search: Search,
): string {
  if (search === "byte" || search === "lines") return "";
  if (search === "bytes") {
    return `var delimiter = []byte(${goString(delimiters[0]!)})`;
  }
  const sorted = [...delimiters].sort((a, b) => b.length - a.length);
  return code`
    // The longest comes first, since it counts where several begin.
    var delimiters = [][]byte{
      ${sorted.map((one) => `[]byte(${goString(one)}),`).join("\n")}
    }
  `;
}

/** The function that finds a delimiter. */
export function findFunction(
  { delimiters }: DelimitedFraming,
  search: Search,
): string {
  const comment = code`
    // find returns where the next delimiter begins, and its length. Where there is none,
    // it returns before which index none can begin, and 0.
  `;
  switch (search) {
    case "byte":
      return code`
        ${comment}
        func find(in []byte, from int) (index, length int) {
          if i := bytes.IndexByte(in[from:], ${
        goByte(delimiters[0]![0]!)
      }); i >= 0 {
            return from + i, 1
          }
          return len(in), 0
        }
      `;
    case "bytes":
      return code`
        ${comment}
        func find(in []byte, from int, ended bool) (index, length int) {
          if i := bytes.Index(in[from:], delimiter); i >= 0 {
            return from + i, len(delimiter)
          }
          if ended {
            return len(in), 0
          }
          // The bytes at the end may become a delimiter.
          if last := len(in) - len(delimiter) + 1; from < last {
            from = last
          }
          for !bytes.HasPrefix(delimiter, in[from:]) {
            from++
          }
          return from, 0
        }
      `;
    case "lines":
      return code`
        ${comment}
        func find(in []byte, from int, ended bool) (index, length int) {
          i := bytes.IndexByte(in[from:], '\n')
          if i < 0 {
            if !ended && bytes.HasSuffix(in, []byte("\r")) {
              return len(in) - 1, 0 // A line feed may follow.
            }
            return len(in), 0
          }
          end := from + i
          if end > 0 && in[end-1] == '\r' {
            return end - 1, 2
          }
          return end, 1
        }
      `;
    case "several":
      return code`
        ${comment}
        func find(in []byte, from int, ended bool) (index, length int) {
          for i := from; i < len(in); i++ {
            for _, delimiter := range delimiters {
              if bytes.HasPrefix(in[i:], delimiter) {
                return i, len(delimiter)
              }
              if !ended && bytes.HasPrefix(delimiter, in[i:]) {
                return i, 0 // It may still become one.
              }
            }
          }
          return len(in), 0
        }
      `;
  }
}
