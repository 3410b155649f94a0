import { code } from "../../code.ts";

/** Bytes as a string of C. */
export function stringOf(bytes: Uint8Array): string {
  const named: Readonly<Record<string, string>> = {
    "\n": "\\n",
    "\r": "\\r",
    "\t": "\\t",
    '"': '\\"',
    "\\": "\\\\",
    "?": "\\?",
  };
  const characters = Array.from(bytes, (byte) => {
    const character = String.fromCharCode(byte);
    if (character in named) return named[character];
    return byte >= 0x20 && byte < 0x7f
      ? character
      : `\\${byte.toString(8).padStart(3, "0")}`;
  });
  return `"${characters.join("")}"`;
}

/** A function that finds a mark. */
export function markFinder(name: string): string {
  return code`
    /*
     * Finds a mark in bytes from *at on, and sets *at to where it begins. If none is
     * there as a whole, returns false, and none can begin before *at.
     */
    static bool ${name}(const unsigned char *bytes, size_t length,
        const char *mark, size_t mark_length, size_t *at)
    {
        while (*at < length) {
            const unsigned char *found = (const unsigned char *)memchr(
                bytes + *at, mark[0], length - *at);
            size_t there;

            *at = found == NULL ? length : (size_t)(found - bytes);
            there = length - *at < mark_length ? length - *at : mark_length;
            if (memcmp(bytes + *at, mark, there) == 0) {
                return there == mark_length;
            }
            ++*at;
        }
        return false;
    }
  `;
}

/** A function that finds the first of some delimiters, and the longest there. */
export function delimiterFinder(
  name: string,
  delimiters: readonly Uint8Array[],
): string {
  const longestFirst = [...delimiters].sort((a, b) => b.length - a.length);
  return code`
    /*
     * Finds the first delimiter in bytes from *at on, or the longest of those that
     * begin there. Sets *at to where it begins, and returns its length. If none is
     * there as a whole, returns 0, and none can begin before *at.
     */
    static size_t ${name}(
        const unsigned char *bytes, size_t length, bool ended, size_t *at)
    {
        static const struct {
            size_t length;
            const char *bytes;
        } delimiters[] = {
            ${
    longestFirst.map((one) => `{${one.length}, ${stringOf(one)}},`).join("\n")
  }
        };

        for (; *at < length; ++*at) {
            for (size_t i = 0; i < sizeof delimiters / sizeof *delimiters; i++) {
                const size_t there = length - *at < delimiters[i].length
                    ? length - *at
                    : delimiters[i].length;

                if (memcmp(bytes + *at, delimiters[i].bytes, there) != 0) {
                    continue;
                }
                if (there == delimiters[i].length) {
                    return there;
                }
                if (!ended) {
                    return 0; /* it may still become one */
                }
            }
        }
        return 0;
    }
  `;
}
