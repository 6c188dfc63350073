/** How UPDATEs of a session are written: what the two sides agreed on, as a small integer for keys and columns. */

declare const updateFormBrand: unique symbol;
export type UpdateForm = number & { readonly [updateFormBrand]: 'update form' };

const FOUR_OCTET_AS = 1;
const LOCAL_PREF = 2;

/** `internal`: iBGP, where LOCAL_PREF is written (CN-6.5.1). */
export function updateForm(fourOctetAs: boolean, internal: boolean): UpdateForm {
  return ((fourOctetAs ? FOUR_OCTET_AS : 0) | (internal ? LOCAL_PREF : 0)) as UpdateForm; // the only place that makes one
}

export const UPDATE_FORMS: readonly UpdateForm[] = [
  updateForm(false, false),
  updateForm(true, false),
  updateForm(false, true),
  updateForm(true, true),
];

export function hasFourOctetAs(form: UpdateForm): boolean {
  return (form & FOUR_OCTET_AS) !== 0;
}

export function hasLocalPref(form: UpdateForm): boolean {
  return (form & LOCAL_PREF) !== 0;
}
