/** A file that is written piece by piece beside its place, and takes its place whole or not at all. */
import { closeSync, openSync, realpathSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';
import { badArgument, cannotWrite } from './outcome.ts';

/** Small pieces are put together up to this many octets before they are written. */
const BUFFER_OCTETS = 65_536;

export class PartFile {
  /** Where links lead. */
  readonly path: string;
  private readonly beside: string;
  private readonly descriptor: number;
  private readonly buffer = new Uint8Array(BUFFER_OCTETS);
  private filled = 0;
  private open = true;

  constructor(path: string) {
    this.path = placeFor(path);
    this.beside = `${this.path}.${process.pid}.part`;
    this.descriptor = this.writing(() => openSync(this.beside, 'w'));
    process.once('exit', this.leave);
  }

  write(octets: Uint8Array): void {
    if (this.filled + octets.length > BUFFER_OCTETS) this.flush();
    if (octets.length > BUFFER_OCTETS) this.writeOut(octets);
    else {
      this.buffer.set(octets, this.filled);
      this.filled += octets.length;
    }
  }

  /** All is there. */
  finish(): void {
    this.flush();
    this.close();
  }

  /** What is finished takes its place. */
  keep(): void {
    this.writing(() => renameSync(this.beside, this.path));
    process.off('exit', this.leave);
  }

  /** Nothing stays. */
  drop(): void {
    this.close();
    process.off('exit', this.leave);
    this.leave();
  }

  /** Also when the program ends in the middle, because nobody reads what it says any more. */
  private readonly leave = (): void => rmSync(this.beside, { force: true });

  private close(): void {
    if (this.open) closeSync(this.descriptor);
    this.open = false;
  }

  private flush(): void {
    this.writeOut(this.buffer.subarray(0, this.filled));
    this.filled = 0;
  }

  private writeOut(octets: Uint8Array): void {
    this.writing(() => {
      for (let at = 0; at < octets.length; ) at += writeSync(this.descriptor, octets, at);
    });
  }

  private writing<T>(write: () => T): T {
    try {
      return write();
    } catch (error) {
      throw cannotWrite(this.path, error);
    }
  }
}

/** A file that may take the place of what is there: no folder, no device, and nothing a run may have read. */
function placeFor(path: string): string {
  let there: ReturnType<typeof statSync>;
  try {
    there = statSync(path, { throwIfNoEntry: false });
  } catch (error) {
    throw cannotWrite(path, error);
  }
  if (there === undefined) return path;
  if (there.isDirectory()) throw badArgument('cannot-write', `${path} is a folder; name a file in it`);
  if (!there.isFile()) throw badArgument('cannot-write', `${path} is a pipe or a device, not a file`);
  if (/\.(ya?ml|json)$/i.test(path))
    throw badArgument('cannot-write', `${path} is there and looks like an input; name another file`);
  return realpathSync(path);
}
