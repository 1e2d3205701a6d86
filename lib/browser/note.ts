// What people should know of this page, beside its connection and the builds.

export interface Note {
  readonly text: string
  /** It is being worked on: nobody has to do anything. */
  readonly waiting?: boolean
  /** What a click does, for people, and for us. */
  readonly hint?: string
  readonly act?: () => void
}

/** Shown until it is over (`undefined`), or clicked away. */
export type Tell = (note: Note | undefined) => void
