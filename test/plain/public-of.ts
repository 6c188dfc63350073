/** What others see of a class: whoever stands in for it has all of that. */
export type PublicOf<T> = { readonly [name in keyof T]: T[name] };
