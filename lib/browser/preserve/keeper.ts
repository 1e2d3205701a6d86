// A keeper reads one kind of state from an element and restores it to the same element of the next document.

export interface Keeper<Kept extends Element, Value> {
  /** The elements it is for. */
  readonly selector: string
  /** State of the view (scroll position, focus), which is not restored once the user moves or types. Other state is input of the user: what the page itself has set is not kept, and what the user has changed since is not restored. */
  readonly isViewState?: true
  /** Returns `undefined` when there is nothing to keep. `typed`: the user typed into the element. */
  read (element: Kept, typed: boolean): Value | undefined
  /** Returns true to be called again when more of the page has loaded. `last`: it will not be called again. */
  restore (element: Kept, value: Value, last: boolean): boolean | void
}

/** A value goes back to the keeper that read it, and a path names the tag of its element: so both have the right type. */
export type AnyKeeper = Pick<Keeper<never, never>, 'selector' | 'isViewState' | 'restore'> & { read (element: never, typed: boolean): unknown }
