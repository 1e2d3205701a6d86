// One kind of state: how it is taken from an element, and put to the same element of the next document.

export interface Keeper<Of extends Element, Value> {
  /** Which elements it is about. */
  readonly of: string
  /** What somebody made of the page: not kept where it is as the page made it, and not put back where somebody was first. */
  readonly made?: true
  /** Nothing for somebody who moves or types meanwhile. */
  readonly yields?: true
  /** `undefined`: there is nothing to keep. `typed`: somebody typed into it. */
  take (element: Of, typed: boolean): Value | undefined
  /** False: not yet, ask again when more of the page is there. `last`: there is nothing more to come. */
  put (element: Of, value: Value, last: boolean): unknown
}

/** Values come back as they were left, and elements with the tag they had: so each goes to the keeper that took it. */
export type AnyKeeper = Pick<Keeper<never, never>, 'of' | 'made' | 'yields' | 'put'> & { take (element: never, typed: boolean): unknown }
