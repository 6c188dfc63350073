/** The only reader and writer of the disk: whole files in, whole files out. */
import fs, { closeSync, openSync, readSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { codeOf, diskReader, openFault } from '../base/disk-reader.ts';
import type { FileFault, FileReader } from '../base/files.ts';

export const DISK: FileReader = diskReader(fs);

/** All octets of an open file, pipe or terminal, or null when there are more than `limit`. */
export function readDescriptor(descriptor: number, limit: number): Uint8Array | null {
  const pieces: Uint8Array[] = [];
  let total = 0;
  for (;;) {
    const piece = new Uint8Array(65_536);
    let count: number;
    try {
      count = readSync(descriptor, piece, 0, piece.length, null);
    } catch (error) {
      if (codeOf(error) === 'EAGAIN') continue;
      if (codeOf(error) === 'EOF') break;
      throw error;
    }
    if (count === 0) break;
    total += count;
    if (total > limit) return null;
    pieces.push(piece.subarray(0, count));
  }
  const octets = new Uint8Array(total);
  let at = 0;
  for (const piece of pieces) {
    octets.set(piece, at);
    at += piece.length;
  }
  return octets;
}

/** The octets of a file of at most `limit`, or why there are none. */
export function readOctets(path: string, limit: number): Uint8Array | { readonly fault: FileFault } {
  let descriptor: number;
  try {
    descriptor = openSync(path, 'r');
  } catch (error) {
    return { fault: openFault(error) };
  }
  try {
    return readDescriptor(descriptor, limit) ?? { fault: 'too-large' };
  } catch (error) {
    return { fault: codeOf(error) === 'EISDIR' ? 'folder' : 'unreadable' };
  } finally {
    closeSync(descriptor);
  }
}

/** Writes the file whole or not at all: beside it first, then in its place. */
export function writeWhole(path: string, content: Uint8Array | string): void {
  const beside = `${path}.${process.pid}.part`;
  try {
    writeFileSync(beside, content);
    renameSync(beside, path);
  } catch (error) {
    rmSync(beside, { force: true });
    throw error;
  }
}
