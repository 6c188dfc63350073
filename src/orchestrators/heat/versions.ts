/** Versions of HOT, and which functions each brought (OR-4.9/B1, OR-4.9/B8). */

/** Release names stand for the version of their day. */
const RELEASES: ReadonlyMap<string, string> = new Map([
  ['newton', '2016-10-14'],
  ['ocata', '2017-02-24'],
  ['pike', '2017-09-01'],
  ['queens', '2018-03-02'],
  ['rocky', '2018-08-31'],
  ['stein', '2019-04-10'],
  ['train', '2019-10-16'],
  ['ussuri', '2020-05-13'],
  ['victoria', '2020-10-14'],
  ['wallaby', '2021-04-16'],
]);

const DATES: readonly string[] = [
  '2013-05-23',
  '2014-10-16',
  '2015-04-30',
  '2015-10-15',
  '2016-04-08',
  ...RELEASES.values(),
];

export const VERSION_WORDS: readonly string[] = [...DATES, ...RELEASES.keys()];

/** The date a version stands for; null: no such version. */
export function versionDate(text: string): string | null {
  const date = RELEASES.get(text.toLowerCase()) ?? text;
  return DATES.includes(date) ? date : null;
}

/** Since which version a one-key map of this name is a call and not a map. */
export const FUNCTION_SINCE: ReadonlyMap<string, string> = new Map([
  ['get_param', '2013-05-23'],
  ['get_resource', '2013-05-23'],
  ['get_attr', '2013-05-23'],
  ['get_file', '2013-05-23'],
  ['str_replace', '2013-05-23'],
  ['resource_facade', '2013-05-23'],
  ['list_join', '2014-10-16'],
  ['digest', '2015-04-30'],
  ['repeat', '2015-04-30'],
  ['str_split', '2015-10-15'],
  ['map_merge', '2016-04-08'],
  ['yaql', '2016-10-14'],
  ['map_replace', '2016-10-14'],
  ['if', '2016-10-14'],
  ['equals', '2016-10-14'],
  ['not', '2016-10-14'],
  ['and', '2016-10-14'],
  ['or', '2016-10-14'],
  ['filter', '2017-02-24'],
  ['str_replace_strict', '2017-02-24'],
  ['contains', '2017-09-01'],
  ['list_concat', '2017-02-24'],
  ['list_concat_unique', '2017-09-01'],
  ['make_url', '2017-09-01'],
  ['str_replace_vstrict', '2017-09-01'],
]);
