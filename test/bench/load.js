// Asks at an even rate, whether or not the answers come, and tells how long each took: `fork('load.js', [url, requests per second])`, a message `{ skip, ms }` for each round.
// An open loop in a process of its own: a generator that waits for answers asks less when the server is slow, and hides it.
import { Agent, get } from 'node:http'
import { quantile } from './measure.js'

const [url = '', rate = ''] = process.argv.slice(2)
const every = 1000 / Number(rate)
const agent = new Agent({ keepAlive: true, maxSockets: 64 })

/**
 * Milliseconds from when it was due, not from when it was sent.
 * @param {number} due
 */
const ask = due => new Promise((resolve, reject) => {
  const asked = get(url, { agent }, answer => {
    if (answer.statusCode !== 200) reject(new Error(`${url} answered ${answer.statusCode}`))
    answer.resume().on('end', () => resolve(performance.now() - due))
  }).on('error', error => {
    // The server has closed a connection that was idle for long, as it may.
    if (asked.reusedSocket && /** @type {NodeJS.ErrnoException} */ (error).code === 'ECONNRESET') resolve(ask(due))
    else reject(error)
  })
})

/**
 * @param {number} skip milliseconds in which it asks, and does not count
 * @param {number} ms
 */
async function round (skip, ms) {
  const began = performance.now()
  const asked = []
  for (let now = began; now - began < skip + ms; now = performance.now()) {
    while (asked.length * every <= now - began) asked.push(ask(began + asked.length * every))
    await new Promise(resolve => { setTimeout(resolve, 1) })
  }
  const times = (await Promise.all(asked)).slice(Math.round(skip / every))
  process.send?.({ type: 'round', median: quantile(times, 0.5), p99: quantile(times, 0.99) })
}

process.on('message', ({ skip, ms }) => { round(skip, ms) })
process.on('disconnect', () => process.exit())
