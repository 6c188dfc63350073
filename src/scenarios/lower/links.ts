/** What a scenario says of the links between its nodes, as parts of a plan. */
import { suggestion } from '../../base/nearest.ts';
import { type Diagnostic, fault } from '../../base/result.ts';
import { parseDuration } from '../../base/time.ts';
import { type LinkParameters, parseLoss } from '../../sim/link.ts';
import { DEFAULT_WAYS } from '../../world/defaults.ts';
import type { LinkPlan, WorldPlan } from '../../world/plan.ts';
import { type LoadedScenario, placeOfPart } from '../load.ts';

/** The words of a link; those that are absent leave what holds without them. */
export interface StatedLink {
  readonly latency?: string | undefined;
  readonly bandwidth?: string | undefined;
  readonly jitter?: string | undefined;
  readonly loss?: string | undefined;
}

const BIT_UNITS: Readonly<Record<string, number>> = { '': 1, k: 1_000, M: 1_000_000, G: 1_000_000_000 };

function bitsOf(text: string): number | null {
  const match = /^(\d+(?:\.\d+)?)\s*([kMG]?)bit$/.exec(text);
  return match === null ? null : Math.round(Number(match[1]) * BIT_UNITS[match[2]!]!);
}

/** What is said of a link; null when nothing is. The schema has judged the words. */
export function linkParametersOf({ latency, bandwidth, jitter, loss }: StatedLink): Partial<LinkParameters> | null {
  const said: { -readonly [key in keyof LinkParameters]?: LinkParameters[key] } = {};
  const [delay, bits, late] = [
    parsed(latency, parseDuration),
    parsed(bandwidth, bitsOf),
    parsed(jitter, parseDuration),
  ];
  const lossPpm = parsed(loss, parseLoss);
  if (delay !== null) said.latency = delay;
  if (bits !== null) said.bitsPerSecond = bits;
  if (late !== null) said.jitter = late;
  if (lossPpm !== null) said.lossPpm = lossPpm;
  return Object.keys(said).length === 0 ? null : said;
}

function parsed<T>(text: string | undefined, parse: (text: string) => T | null): T | null {
  return text === undefined ? null : parse(text);
}

/** Links inside clusters, and all others, of the whole scenario. */
export function waysOf({ scenario }: LoadedScenario): WorldPlan['ways'] {
  const { latency, bandwidth, jitter, loss } = scenario;
  const way = (key: 'within' | 'between'): LinkParameters => ({
    ...DEFAULT_WAYS[key],
    ...linkParametersOf({
      latency: latency?.[key],
      bandwidth: bandwidth?.[key],
      jitter: jitter?.[key],
      loss: loss?.[key],
    }),
  });
  return { within: way('within'), between: way('between') };
}

/** The entries of `links`. `nodes` and `clusters`: whom there is. */
export function lowerLinks(
  loaded: LoadedScenario,
  nodes: readonly string[],
  clusters: readonly string[],
): { readonly links: readonly LinkPlan[]; readonly faults: readonly Diagnostic[] } {
  const links: LinkPlan[] = [];
  const faults: Diagnostic[] = [];
  for (const [index, link] of (loaded.scenario.links ?? []).entries()) {
    const [a, b] = link.between;
    for (const [side, name] of link.between.entries()) {
      if (nodes.includes(name) || clusters.includes(name)) continue;
      const hint = suggestion(name, [...clusters, ...nodes]);
      const at = placeOfPart(loaded, ['links', index, 'between', side]);
      faults.push(fault(at, 'unknown-node', `there is no node, gateway or cluster called ${name}${hint}`));
    }
    const at = placeOfPart(loaded, ['links', index]);
    if (a === b && nodes.includes(a)) faults.push(fault(at, 'self-link', `${a} has no link to itself`));
    const parameters = linkParametersOf(link);
    if (parameters === null)
      faults.push(fault(at, 'empty-link', 'a link says something: latency, bandwidth, jitter or loss'));
    else links.push({ between: [a, b], parameters });
  }
  return { links, faults };
}
