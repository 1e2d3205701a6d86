// Where a video or a sound is, and whether it plays.
import type { Keeper } from './keeper.js'

interface Playing {
  /** Properties of the element, by their names. */
  readonly set: Readonly<Pick<HTMLMediaElement, 'currentTime' | 'volume' | 'muted' | 'playbackRate'>>
  readonly paused: boolean
}

export const media: Keeper<HTMLMediaElement, Playing> = {
  of: 'video, audio',
  take ({ currentTime, paused, volume, muted, playbackRate, defaultMuted }) {
    if (currentTime || !paused || volume !== 1 || muted !== defaultMuted || playbackRate !== 1) return { set: { currentTime, volume, muted, playbackRate }, paused }
  },
  put (element, { set, paused }, last) {
    // What is not loaded yet begins where it is told to.
    if (!element.readyState && !last) return false
    Object.assign(element, set)
    // A browser may refuse: sound needs a touch of the page.
    if (paused) element.pause()
    else element.play().catch(() => {})
  }
}
