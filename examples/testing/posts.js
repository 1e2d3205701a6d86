// A plugin that waits: pages hear of new posts a second after the last one, because an import writes many.
import fp from 'fastify-plugin'

const PAUSE_MS = 1000
const systemClock = {
  after (ms, run) {
    const timer = setTimeout(run, ms)
    return () => clearTimeout(timer)
  }
}

export const posts = fp(async (app, { clock = systemClock }) => {
  let cancel = () => {}
  app.liveReload.watch(new URL('data/', import.meta.url), () => {
    cancel()
    cancel = clock.after(PAUSE_MS, () => app.liveReload.send('posts'))
  })
})
