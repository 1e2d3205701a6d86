// Where a video or a sound is, and whether it plays.
import type { Keeper } from './keeper.js'

interface Playing {
  readonly time: number
  readonly playing: boolean
  readonly volume: number
  readonly muted: boolean
  readonly rate: number
}

export const media: Keeper<Playing> = {
  take (element) {
    if (!(element instanceof HTMLMediaElement)) return undefined
    const { currentTime: time, paused, volume, muted, playbackRate: rate, defaultMuted } = element
    return time || !paused || volume !== 1 || muted !== defaultMuted || rate !== 1 ? { time, playing: !paused, volume, muted, rate } : undefined
  },
  put (element, { time, playing, volume, muted, rate }, last) {
    if (!(element instanceof HTMLMediaElement)) return true
    if (element.readyState === HTMLMediaElement.HAVE_NOTHING) {
      if (last) element.addEventListener('loadedmetadata', () => this.put(element, { time, playing, volume, muted, rate }, last), { once: true })
      return last
    }
    Object.assign(element, { currentTime: time, volume, muted, playbackRate: rate })
    // A browser may refuse: sound needs a touch of the page.
    if (playing) element.play().catch(() => {})
    else element.pause()
    return true
  }
}
