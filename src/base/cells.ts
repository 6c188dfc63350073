/**
 * Memory for columns and tables that live as long as their owner.
 *
 * V8 collects the whole heap for every 64 MB of ordinary buffers that have come, however much lives in it: a world of
 * thousands of vRouters, whose columns take gigabytes, would pay for all of its objects each time, and so for the square
 * of its size. Buffers of the shared kind are not counted. There is one thread, so nobody else is given them; they are
 * what most buffers are once a process has made much. Then what nobody needs any more waits longer to be collected.
 */

/** Up to so many octets stand within the object itself, and are no buffer. */
const WITHIN_OBJECT = 64;
/** Octets of ordinary buffers before the others begin; then one in so many is ordinary. */
const ORDINARY_OCTETS = 2 ** 30;
const ORDINARY_AMONG = 8;

let made = 0;
let others = 0;

/** So many 32-bit integers, all 0. */
export function int32Cells(length: number): Int32Array {
  const buffer = bufferOf(length * Int32Array.BYTES_PER_ELEMENT);
  return buffer === null ? new Int32Array(length) : new Int32Array(buffer);
}

/** So many doubles, all 0. */
export function float64Cells(length: number): Float64Array {
  const buffer = bufferOf(length * Float64Array.BYTES_PER_ELEMENT);
  return buffer === null ? new Float64Array(length) : new Float64Array(buffer);
}

/** A buffer that the collector does not count, or null where it is to be an ordinary one. */
function bufferOf(octets: number): SharedArrayBuffer | null {
  if (octets <= WITHIN_OBJECT) return null;
  made += octets;
  if (made <= ORDINARY_OCTETS || others++ % ORDINARY_AMONG === 0) return null;
  return new SharedArrayBuffer(octets);
}
