// Collects edits before the first one is made: a page that cannot be changed correctly is not changed at all.

export interface EditPlan {
  readonly edits: readonly (() => void)[]
  /** New style sheets, and nodes with sheets that are removed only after the new ones have loaded. */
  readonly newSheets: HTMLLinkElement[]
  readonly oldSheets: ChildNode[]
  /** Why only a reload can show the change. */
  readonly refusal: string | undefined
  add (edit: () => void): void
  refuse (reason: string): void
}

export function createEditPlan (): EditPlan {
  const edits: (() => void)[] = []
  let refusal: string | undefined
  return {
    edits,
    newSheets: [],
    oldSheets: [],
    get refusal () { return refusal },
    add (edit) { edits.push(edit) },
    refuse (reason) { refusal ??= reason }
  }
}
