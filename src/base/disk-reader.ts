/** A {@link FileReader} over a file system that is handed in: whole files in, their faults as values. */
import { type FileFault, type FileReader, isInside } from './files.ts';
import { byText } from './order.ts';

/** As much of `node:fs` as reading takes. */
export interface FileSystem {
  readFileSync(path: string): Uint8Array;
  statSync(path: string): { readonly size: number; isDirectory(): boolean; isFile(): boolean };
  realpathSync(path: string): string;
  readdirSync(path: string): string[];
}

/** What the system says of a path at which nothing can stand. */
const NOWHERE = ['ENOENT', 'ENOTDIR', 'ENAMETOOLONG'];

export function diskReader(system: FileSystem): FileReader {
  const real = (path: string): string => system.realpathSync(path).replaceAll('\\', '/');
  return {
    read(path, limit, within) {
      try {
        const facts = system.statSync(path); // before anything is opened: a pipe would wait for its writer
        if (facts.isDirectory()) return { fault: 'folder' };
        if (!facts.isFile()) return { fault: 'special' };
        if (facts.size > limit) return { fault: 'too-large' };
        if (within !== undefined && !isInside(real(within), real(path))) return { fault: 'linked-away' };
        const octets = system.readFileSync(path);
        if (octets.length > limit) return { fault: 'too-large' };
        return { text: new TextDecoder('utf-8', { fatal: true }).decode(octets) };
      } catch (error) {
        if (codeOf(error) === '') throw error;
        return { fault: codeOf(error) === 'ERR_ENCODING_INVALID_ENCODED_DATA' ? 'not-text' : openFault(error) };
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
