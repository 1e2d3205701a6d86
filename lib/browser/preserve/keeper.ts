// One kind of state: how it is taken from an element, and put to the same element of the next document.

export interface Keeper<Of extends Element, Value> {
  /** Which elements it is about. */
  readonly of: string
  /** Where the page is looked at: it ends when somebody moves or types. The others are what somebody made of an element: as the page made it it is not kept, and where somebody was first it is not put back. */
  readonly yields?: true
  /** `undefined`: there is nothing to keep. `typed`: somebody typed into it. */
  take (element: Of, typed: boolean): Value | undefined
  /** True: not yet, ask again when more of the page is there. `last`: there is nothing more to come. */
  put (element: Of, value: Value, last: boolean): boolean | void
}

/** Values come back as they were left, and elements with the tag they had: so each goes to the keeper that took it. */
export type AnyKeeper = Pick<Keeper<never, never>, 'of' | 'yields' | 'put'> & { take (element: never, typed: boolean): unknown }
