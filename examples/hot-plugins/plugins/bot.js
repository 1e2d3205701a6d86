// Answers, and keeps what it has learned: state and a live resource that outlive every edit of this file.
import { shout } from './_words.js'

export const meta = { displayName: 'Bot', description: 'Answers what people say' }

export default async function bot (fastify) {
  const { data, keep, provide } = fastify.hot
  data.heard ??= 0

  // Like a connection to a service: made once, closed when the plugin is removed or the app closes.
  const memory = await keep('memory', () => new Map(), all => all.clear())

  provide('answer', text => {
    data.heard++
    memory.set(text, (memory.get(text) ?? 0) + 1)
    return shout(`you said ${text}`)
  })

  fastify.get('/bot', async () => ({ heard: data.heard, words: memory.size, version: fastify.hot.version }))
}
