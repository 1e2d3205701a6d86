// A message to the developer that the badge and the console show.

export interface Notice {
  readonly text: string
  /** Explains the click to people. */
  readonly hint: string
  readonly onClick: () => void
}

/** `undefined` removes the notice. */
export type ShowNotice = (notice: Notice | undefined) => void
