/**
 * The weight of a node for a key. The node with the highest weight of all has the key
 * (rendezvous hashing, <https://www.rfc-editor.org/rfc/rfc2991>, section 3.2, “highest
 * random weight”): when a node leaves, only its own keys go elsewhere.
 *
 * It is FNV-1a of both (<https://datatracker.ietf.org/doc/html/rfc9923>), with the last
 * steps of MurmurHash3, without which the weights of like ids are alike.
 *
 * @returns A whole number of 32 bits.
 */
export function weightOf(key: string, nodeId: string): number {
  let hash = 0x811c9dc5;
  const text = `${key}\n${nodeId}`;
  for (let i = 0; i < text.length; i++) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  }
  hash = Math.imul(hash ^ hash >>> 16, 0x85ebca6b);
  hash = Math.imul(hash ^ hash >>> 13, 0xc2b2ae35);
  return (hash ^ hash >>> 16) >>> 0;
}
