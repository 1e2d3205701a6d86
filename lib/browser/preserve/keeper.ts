// One kind of state: how it is taken from an element, and put to the same element of the next document.

export interface Keeper<Value> {
  /** `undefined`: there is nothing to keep. */
  take (element: Element): Value | undefined
  /** False: not yet, ask again when more of the page is there. `last`: there is nothing more to come. */
  put (element: Element, value: Value, last: boolean): boolean
}

/** Values come back as they were left, so each goes to the keeper that took it. */
export type Keepers = Readonly<Record<string, { take (element: Element): unknown, put (element: Element, value: never, last: boolean): boolean }>>
