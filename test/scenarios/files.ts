/** Files that exist only in a test, and what the loader says of them. */
import { type FileReader, joinPath } from '../../src/base/files.ts';
import { byText } from '../../src/base/order.ts';
import { type Diagnostic, placeOf } from '../../src/base/result.ts';

export function memoryFiles(texts: Readonly<Record<string, string>>): FileReader {
  const files = new Map(Object.entries(texts).map(([path, text]) => [joinPath('.', path), text]));
  const below = (folder: string) => [...files.keys()].filter((path) => folder === '.' || path.startsWith(`${folder}/`));
  return {
    read: (path, limit) => {
      const text = files.get(joinPath('.', path));
      if (text === undefined) return { fault: below(joinPath('.', path)).length > 0 ? 'folder' : 'missing' };
      return text.length > limit ? { fault: 'too-large' } : { text };
    },
    kind: (path) => {
      const full = joinPath('.', path);
      return files.has(full) ? 'file' : below(full).length > 0 ? 'folder' : 'missing';
    },
    list: (path) => {
      const folder = joinPath('.', path);
      const names = below(folder).map((file) => file.slice(folder === '.' ? 0 : folder.length + 1).split('/')[0]!);
      return [...new Set(names)].sort(byText);
    },
  };
}

/** `scenario.yaml:3:5 unknown-key: ...`, one line a fault. */
export function told(faults: readonly Diagnostic[]): string[] {
  return faults.map((fault) => `${placeOf(fault.at)} ${fault.code}: ${fault.message}`);
}
