// One kind of state: how it is taken from an element, and put to the same element of the next document.

export interface Keeper<Of extends Element, Value> {
  /** Which elements it is about. */
  readonly of: string
  /** `undefined`: there is nothing to keep. */
  take (element: Of): Value | undefined
  /** False: not yet, ask again when more of the page is there. `last`: there is nothing more to come. */
  put (element: Of, value: Value, last: boolean): unknown
}

/** Values come back as they were left, and elements with the tag they had: so each goes to the keeper that took it. */
export type Keepers = Readonly<Record<string, Pick<Keeper<never, never>, 'of' | 'put'> & { take (element: never): unknown }>>
