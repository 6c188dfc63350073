/** What lies between nodes: one vocabulary for the whole world, for a federation, a peering, and any two ends. */
import * as z from 'zod';
import { parseLoss } from '../../sim/link.ts';
import { duration, maybe, name, needed } from './words.ts';

const BANDWIDTH = 'a bandwidth is written 100Mbit or 10Gbit';
const bandwidth = z.string({ error: BANDWIDTH }).regex(/^\d+(\.\d+)?\s*[kMG]?bit$/, { error: BANDWIDTH });

const LOSS = 'a loss is a share of the segments below 100 %, such as 0.1%, with at most four decimals';
const loss = z
  .string({ error: LOSS })
  .refine((text) => parseLoss(text) !== null, { error: LOSS })
  .meta({ pattern: '^\\d{1,2}(\\.\\d{1,4})?\\s*%$' });

/** What may be said of a link, each with what holds where it is not said. */
export function linkWords(unsaid: (word: string) => string) {
  return {
    latency: maybe(duration, `One-way latency. Unless said: ${unsaid('latency')}`, '4ms'),
    bandwidth: maybe(
      bandwidth,
      `Bandwidth of each direction in bits a second. Unless said: ${unsaid('bandwidth')}`,
      '100Mbit',
    ),
    jitter: maybe(
      duration,
      `Each message is late by a random time up to this, and none overtakes another. Unless said: ${unsaid('jitter')}`,
      '500us',
    ),
    loss: maybe(
      loss,
      `Share of TCP segments (1,448 octets) that are lost; each comes late by the time after which Linux sends it again, 200 ms and a round trip, then twice as long. Unless said: ${unsaid('loss')}`,
      '0.1%',
    ),
  };
}

/** A measure of the links within clusters, and of all others, with what holds where it is not said. */
function withinAndBetween<T extends z.ZodType>(
  word: T,
  [within, between]: readonly [string, string],
  [withinUnsaid, betweenUnsaid]: readonly [string, string],
) {
  return z
    .strictObject({
      within: maybe(word, `Between nodes of one cluster. ${withinUnsaid}`, within),
      between: maybe(word, `Between clusters, gateways and stated nodes. ${betweenUnsaid}`, between),
    })
    .meta({ examples: [{ within, between }] });
}

const UNLIMITED = ['Unless said: not limited.', 'Unless said: not limited.'] as const;
const NONE = ['Unless said: none.', 'Unless said: none.'] as const;

/** Keys of the whole scenario. */
export const LINKS_OF_ALL = {
  latency: maybe(
    withinAndBetween(
      duration,
      ['100us', '4ms'],
      [
        'The default is an assumption: a quiet data centre; a round trip measured 500us at the 80th percentile in a public cloud (E. Jones, Network latencies in the data center, 2021). Unless said: 100us.',
        'The default is 200 km of fibre, an assumption. Unless said: 1ms.',
      ],
    ),
    'One-way latencies of links. Unless said: 100us within a cluster, 1ms between.',
  ),
  bandwidth: maybe(
    withinAndBetween(bandwidth, ['10Gbit', '1Gbit'], UNLIMITED),
    'Bandwidths of links, each direction by itself. Unless said: not limited.',
  ),
  jitter: maybe(
    withinAndBetween(duration, ['50us', '500us'], NONE),
    'Jitter of links, drawn from a stream of the seed for each direction. Unless said: none.',
  ),
  loss: maybe(
    withinAndBetween(loss, ['0.001%', '0.1%'], NONE),
    'Loss on links, drawn from the same streams as jitter. Unless said: none.',
  ),
};

export const statedLink = z
  .strictObject({
    between: needed(
      z.tuple([name, name]),
      'The two ends: nodes, gateways, or clusters; the same cluster twice means the links inside it.',
      ['cmp-1', 'ctl-os-1'],
    ),
    ...linkWords(() => 'as without this entry.'),
  })
  .meta({
    description: 'What lies between two ends, laid over everything else that is said of them.',
    examples: [{ between: ['cmp-1', 'openstack'], latency: '20ms', loss: '0.5%' }],
  });
