/**
 * Files as the core sees them: a reader that is handed in, and paths as text. Nothing here touches a disk.
 */

export type FileFault = 'missing' | 'folder' | 'special' | 'too-large' | 'unreadable' | 'not-text' | 'linked-away';

export interface FileReader {
  /**
   * The text of a file of at most `limit` octets, or why there is none. `within`: a folder that the file must lie in
   * when every link is followed.
   */
  read(path: string, limit: number, within?: string): { readonly text: string } | { readonly fault: FileFault };
  /** What stands at the path. */
  kind(path: string): 'file' | 'folder' | 'missing';
  /** Names in a folder, sorted by code unit; empty when it is none. */
  list(path: string): readonly string[];
}

/** Joins and normalises: `a/b` + `../c` is `a/c`; an absolute second part wins. */
export function joinPath(base: string, relative: string): string {
  const absolute = relative.startsWith('/') || base.startsWith('/');
  const parts: string[] = [];
  for (const part of (relative.startsWith('/') ? relative : `${base}/${relative}`).split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..' && parts.length > 0 && parts[parts.length - 1] !== '..') parts.pop();
    else if (part !== '..' || !absolute) parts.push(part);
  }
  return (absolute ? '/' : '') + (parts.join('/') || (absolute ? '' : '.'));
}

export function folderOf(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash < 0 ? '.' : slash === 0 ? '/' : path.slice(0, slash);
}

export function fileNameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** Whether `path` lies in `folder` or below it, both normalised. */
export function isInside(folder: string, path: string): boolean {
  if (/^(\.|\.\.(\/\.\.)*)$/.test(folder)) return !path.startsWith('/') && waysUp(path) <= waysUp(folder);
  return path === folder || path.startsWith(folder.endsWith('/') ? folder : `${folder}/`);
}

/** How often a normalised path goes up. */
function waysUp(path: string): number {
  return path.split('/').filter((part) => part === '..').length;
}

export function faultSentence(path: string, why: FileFault, limit: number): string {
  if (why === 'missing') return `there is no file ${path}`;
  if (why === 'folder') return `${path} is a folder, not a file`;
  if (why === 'special') return `${path} is a pipe or a device, not a file`;
  if (why === 'linked-away') return `${path} is a link out of its folder; put the file itself there`;
  if (why === 'too-large') return `${path} is larger than the limit of ${Math.round(limit / 1_048_576)} MB`;
  if (why === 'not-text') return `${path} is not UTF-8 text`;
  return `${path} cannot be read`;
}
