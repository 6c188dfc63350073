/** The only reader and writer of the disk: whole files in, whole files out. */
import {
  closeSync,
  fstatSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { TextDecoder } from 'node:util';
import type { FileReader } from '../base/files.ts';
import { byText } from '../base/order.ts';

export const DISK: FileReader = {
  read(path, limit) {
    let descriptor: number;
    try {
      descriptor = openSync(path, 'r');
    } catch (error) {
      return { fault: codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR' ? 'missing' : 'unreadable' };
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
