// Keeps position, volume and rate of audio and video, and whether they play.
import type { Keeper } from './keeper.js'

type Playback = Pick<HTMLMediaElement, 'currentTime' | 'paused' | 'volume' | 'muted' | 'playbackRate'>

export const media: Keeper<HTMLMediaElement, Playback> = {
  selector: 'video, audio',
  read ({ currentTime, paused, volume, muted, playbackRate, defaultMuted }) {
    if (currentTime || !paused || volume !== 1 || muted !== defaultMuted || playbackRate !== 1) return { paused, currentTime, volume, muted, playbackRate }
  },
  restore (element, { paused, ...rest }, last) {
    if (!element.readyState && !last) return true
    Object.assign(element, rest)
    // Browsers refuse to play sound before a click.
    if (paused) element.pause()
    else element.play().catch(() => {})
  }
}
