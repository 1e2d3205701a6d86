// What is to be done to the page: found out first, so that a page that can not be changed rightly is not changed at all.

export interface Sketch {
  readonly edits: readonly (() => void)[]
  /** Style sheets that come, and what holds some and goes: not before those have loaded. */
  readonly coming: HTMLLinkElement[]
  readonly leaving: ChildNode[]
  /** Why only a reload can be right. */
  readonly refusal: string | undefined
  add (edit: () => void): void
  refuse (why: string): void
}

export function createSketch (): Sketch {
  const edits: (() => void)[] = []
  let refusal: string | undefined
  return {
    edits,
    coming: [],
    leaving: [],
    get refusal () { return refusal },
    add (edit) { edits.push(edit) },
    refuse (why) { refusal ??= why }
  }
}
