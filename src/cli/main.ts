#!/usr/bin/env node
/** The entry of the command line. */
import { setFlagsFromString } from 'node:v8';
import { main } from './program.ts';

/**
 * Bytes of bytecode that V8 takes into one optimised function; its own limit is 920. A run is short beside what its
 * compiler does with functions that have swallowed half of the program: bench/README.md has what that costs.
 */
setFlagsFromString('--max-inlined-bytecode-size-cumulative=250');

await main(process.argv.slice(2));
