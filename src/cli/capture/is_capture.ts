import { isPcap } from "./pcap.ts";
import { isPcapng } from "./pcapng.ts";

/**
 * Whether a file that begins with these bytes is a capture: four bytes show a pcap
 * file, twelve a pcapng file.
 */
export function isCapture(firstBytes: Uint8Array): boolean {
  if (firstBytes.length < 4) return false;
  const { buffer, byteOffset } = firstBytes;
  const view = new DataView(buffer, byteOffset, 4);
  return isPcap(view.getUint32(0), view.getUint32(0, true)) ||
    isPcapng(firstBytes);
}
