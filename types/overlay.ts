/** Elements the overlay is made of. */
export type OverlayTag = 'button' | 'code' | 'div' | 'footer' | 'h1' | 'header' | 'li' | 'ol' | 'p' | 'pre' | 'span' | 'textarea'

/** An element as data: its name, its attributes, what is in it. A string is a text, never markup. */
export type OverlayTree = readonly [tag: OverlayTag, attributes: Readonly<Record<string, string>>, ...children: (OverlayTree | string)[]]

/** What is broken, as the overlay shows it. */
export interface OverlayView {
  /** The same for as long as the same is broken, and nothing was good in between. It begins with a part that is the same until everything is good. */
  readonly id: string
  /** The style sheet. */
  readonly css: string
  /**
   * What is in the dialog. Buttons say what they do: `data-away` closes it until there is an `id` that does not begin like this,
   * `data-open` is the body of `POST /open`, any other copies what is in the `textarea` and says `data-copied`. What fails says `data-failed`.
   */
  readonly view: OverlayTree
}
