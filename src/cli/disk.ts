/** The only reader and writer of the disk: whole files in, whole files out. */
import {
  closeSync,
  fstatSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { TextDecoder } from 'node:util';
import type { FileFault, FileReader } from '../base/files.ts';
import { byText } from '../base/order.ts';

/** What the system says of a path at which nothing can stand. */
const NOWHERE = ['ENOENT', 'ENOTDIR', 'ENAMETOOLONG'];

export const DISK: FileReader = {
  read(path, limit) {
    let descriptor: number;
    try {
      descriptor = openSync(path, 'r');
    } catch (error) {
      return { fault: NOWHERE.includes(codeOf(error)) ? 'missing' : 'unreadable' };
    }
    try {
      const facts = fstatSync(descriptor);
      if (facts.isDirectory()) return { fault: 'folder' };
      if (facts.size > limit) return { fault: 'too-large' };
      const octets = readFileSync(descriptor);
      if (octets.length > limit) return { fault: 'too-large' };
      return { text: new TextDecoder('utf-8', { fatal: true }).decode(octets) };
    } catch (error) {
      return { fault: error instanceof TypeError ? 'not-text' : 'unreadable' };
    } finally {
      closeSync(descriptor);
    }
  },
  kind(path) {
    try {
      return statSync(path).isDirectory() ? 'folder' : 'file';
    } catch {
      return 'missing';
    }
  },
  list(path) {
    try {
      return readdirSync(path).sort(byText);
    } catch {
      return [];
    }
  },
};

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
    return { fault: NOWHERE.includes(codeOf(error)) ? 'missing' : 'unreadable' };
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

export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
