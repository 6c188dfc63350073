/** A file that is written piece by piece beside its place, and takes its place whole or not at all. */
import { closeSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { badArgument } from './outcome.ts';

/** Small pieces are put together up to this many octets before they are written. */
const BUFFER_OCTETS = 65_536;

export class PartFile {
  private readonly path: string;
  private readonly beside: string;
  private readonly descriptor: number;
  private readonly buffer = new Uint8Array(BUFFER_OCTETS);
  private filled = 0;

  constructor(path: string) {
    this.path = path;
    this.beside = `${path}.${process.pid}.part`;
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

  /** All is there: the file takes its place. */
  keep(): void {
    this.flush();
    closeSync(this.descriptor);
    this.writing(() => renameSync(this.beside, this.path));
    process.off('exit', this.leave);
  }

  /** Nothing stays. */
  drop(): void {
    closeSync(this.descriptor);
    process.off('exit', this.leave);
    this.leave();
  }

  /** Also when the program ends in the middle, because nobody reads what it says any more. */
  private readonly leave = (): void => rmSync(this.beside, { force: true });

  private flush(): void {
    this.writeOut(this.buffer.subarray(0, this.filled));
    this.filled = 0;
  }

  private writeOut(octets: Uint8Array): void {
    this.writing(() => {
      for (let at = 0; at < octets.length; ) at += writeSync(this.descriptor, octets, at);
    });
  }

  /** A place that is not there, a disk that is full: what was asked for is at fault, not the program. */
  private writing<T>(write: () => T): T {
    try {
      return write();
    } catch (error) {
      const why = error instanceof Error ? error.message.replace(/^[A-Z]+: /, '').replace(/, .*$/, '') : String(error);
      throw badArgument('cannot-write', `${this.path} cannot be written: ${why}`);
    }
  }
}
