import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hasProgram } from './debian.ts';

/** Whether tests that ask tshark run: where CI is set they must, and fail if it is missing. */
export const hasTshark = hasProgram('tshark');

/** The fields that tshark finds in the packets of a capture, a row to a packet that matches `filter`. */
export function tsharkFields(
  capture: Uint8Array,
  filter: string,
  fields: readonly string[],
): readonly (readonly string[])[] {
  const folder = mkdtempSync(join(tmpdir(), 'capture-'));
  try {
    const file = join(folder, 'run.pcapng');
    writeFileSync(file, capture);
    const checks = ['-o', 'ip.check_checksum:TRUE', '-o', 'tcp.check_checksum:TRUE'];
    const columns = fields.flatMap((name) => ['-e', name]);
    const args = ['-n', '-r', file, ...checks, '-Y', filter, '-T', 'fields', '-E', 'separator=|', ...columns];
    const text = execFileSync('tshark', args, { stdio: ['ignore', 'pipe', 'ignore'], maxBuffer: 1 << 26 }).toString();
    return text
      .split('\n')
      .slice(0, -1)
      .map((line) => line.split('|'));
  } finally {
    rmSync(folder, { recursive: true });
  }
}
