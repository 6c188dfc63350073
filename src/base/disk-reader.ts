/** A {@link FileReader} over a file system that is handed in: whole files in, their faults as values. */
import type { FileFault, FileReader } from './files.ts';
import { byText } from './order.ts';

/** As much of `node:fs` as reading takes. */
export interface FileSystem {
  openSync(path: string, flags: 'r'): number;
  fstatSync(descriptor: number): { readonly size: number; isDirectory(): boolean };
  readFileSync(descriptor: number): Uint8Array;
  closeSync(descriptor: number): void;
  statSync(path: string): { isDirectory(): boolean };
  readdirSync(path: string): string[];
}

/** What the system says of a path at which nothing can stand. */
const NOWHERE = ['ENOENT', 'ENOTDIR', 'ENAMETOOLONG'];

export function diskReader(system: FileSystem): FileReader {
  return {
    read(path, limit) {
      let descriptor: number;
      try {
        descriptor = system.openSync(path, 'r');
      } catch (error) {
        return { fault: openFault(error) };
      }
      try {
        const facts = system.fstatSync(descriptor);
        if (facts.isDirectory()) return { fault: 'folder' };
        if (facts.size > limit) return { fault: 'too-large' };
        const octets = system.readFileSync(descriptor);
        if (octets.length > limit) return { fault: 'too-large' };
        return { text: new TextDecoder('utf-8', { fatal: true }).decode(octets) };
      } catch (error) {
        return { fault: error instanceof TypeError ? 'not-text' : 'unreadable' };
      } finally {
        system.closeSync(descriptor);
      }
    },
    kind(path) {
      try {
        return system.statSync(path).isDirectory() ? 'folder' : 'file';
      } catch {
        return 'missing';
      }
    },
    list(path) {
      try {
        return system.readdirSync(path).sort(byText);
      } catch {
        return [];
      }
    },
  };
}

/** Why a file could not be opened. */
export function openFault(error: unknown): FileFault {
  return NOWHERE.includes(codeOf(error)) ? 'missing' : 'unreadable';
}

/** `ENOENT`, ... */
export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
