/** The document of `run --json` (docs/json.md): the result as it is, times in virtual microseconds, places as text. */
import { type Diagnostic, placeOf } from '../base/result.ts';
import type { ProgressEvent } from '../scenarios/rehearse.ts';
import type { RunResult, StepResult } from '../scenarios/result.ts';

/** Raised when a member changes its meaning or goes away; new members do not raise it. */
export const RUN_DOCUMENT_VERSION = 1;

export function runDocument(result: RunResult): object {
  const { steps, findings, remarks, ...rest } = result;
  return {
    version: RUN_DOCUMENT_VERSION,
    ...rest,
    steps: steps.map(plainStep),
    findings: findings.map((finding) => ({ ...finding, causes: finding.causes.map(placeOf) })),
    remarks: remarks.map(plainDiagnostic),
  };
}

/** What there is to say of a run that a signal ended: the steps that were finished. */
export function interruptedDocument(
  built: ProgressEvent & { readonly kind: 'built' },
  steps: readonly StepResult[],
  signal: string,
): object {
  const { scenario, seed, topology } = built;
  return { version: RUN_DOCUMENT_VERSION, interrupted: signal, scenario, seed, topology, steps: steps.map(plainStep) };
}

function plainStep(step: StepResult): object {
  return {
    ...step,
    at: placeOf(step.at),
    expectations: step.expectations.map((claim) => ({ ...claim, at: placeOf(claim.at) })),
  };
}

function plainDiagnostic(diagnostic: Diagnostic): object {
  return { ...diagnostic, at: placeOf(diagnostic.at) };
}
