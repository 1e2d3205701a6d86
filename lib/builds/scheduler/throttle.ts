// A lone change is built at once. A stream of changes is gathered, so that not every save of it starts a build.

/** Changes that follow one another. */
export interface Stream {
  readonly count: number
  /** When the first change came that still waits to be built. */
  readonly first: number
  readonly last: number
}

/** Changes closer together than this belong to one stream. */
const STREAM_GAP_MS = 500
/** Changes of a stream that are built at once: a person, an editor and a formatter. */
const MAX_IMMEDIATE = 3
/** Later ones wait for a pause of this length, */
const PAUSE_MS = 250
/** but no longer than this. */
const MAX_WAIT_MS = 600

export const NO_STREAM: Stream = { count: 0, first: 0, last: -Infinity }

/** Adds a change to the stream and says when to build it. `isGathering`: earlier changes of the stream still wait. */
export function throttle ({ count, first, last }: Stream, at: number, isGathering: boolean): { stream: Stream, due: number } {
  const stream = { count: at - last < STREAM_GAP_MS ? count + 1 : 1, first: isGathering ? first : at, last: at }
  return { stream, due: stream.count <= MAX_IMMEDIATE ? at : Math.min(at + PAUSE_MS, stream.first + MAX_WAIT_MS) }
}
