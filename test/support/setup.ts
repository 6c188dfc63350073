import fc from 'fast-check';

// One seed everywhere, so that a property that fails on one machine fails on the next one too.
// VAPORTRAIL_SEED takes another seed (a nightly run may want one), VAPORTRAIL_RUNS another number of runs.
fc.configureGlobal({
  seed: Number(process.env.VAPORTRAIL_SEED ?? 20161109),
  numRuns: Number(process.env.VAPORTRAIL_RUNS ?? 100),
});
