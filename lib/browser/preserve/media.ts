// Where a video or a sound is, and whether it plays.
import type { Keeper } from './keeper.js'

type Playing = Pick<HTMLMediaElement, 'currentTime' | 'paused' | 'volume' | 'muted' | 'playbackRate'>

export const media: Keeper<HTMLMediaElement, Playing> = {
  of: 'video, audio',
  take ({ currentTime, paused, volume, muted, playbackRate, defaultMuted }) {
    if (currentTime || !paused || volume !== 1 || muted !== defaultMuted || playbackRate !== 1) return { paused, currentTime, volume, muted, playbackRate }
  },
  put (element, { paused, ...set }, last) {
    // What is not loaded yet begins where it is told to.
    if (!element.readyState && !last) return true
    Object.assign(element, set)
    // A browser may refuse: sound needs a touch of the page.
    if (paused) element.pause()
    else element.play().catch(() => {})
  }
}
