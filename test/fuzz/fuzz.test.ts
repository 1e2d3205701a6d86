// Random bytes against a running app: the process outlives them, answers between rounds, and ends when it is closed. `FUZZ_SEED` brings a failure back.
import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { connect as connectTwo } from 'node:http2'
import { connect } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { test } from 'tap'
import { NAVIGATION, request } from '../support/http.js'
import { times } from '../support/times.js'
import { HTTP1, HTTP2, type Attack } from './attacks.js'
import { Random } from './random.js'

const SECONDS = times(30, 600)
const CONNECTIONS_PER_ROUND = 12
const MAX_PAUSE_MS = 20

/** Settles when the connection is gone. */
async function attack (port: number, chunks: readonly Buffer[], random: Random): Promise<void> {
  const socket = connect(port, '127.0.0.1')
  const closed = new Promise(resolve => socket.on('error', () => {}).once('close', resolve))
  if (random.chance(0.9)) socket.resume()
  for (const chunk of chunks) {
    socket.write(chunk)
    if (random.chance(0.2)) await wait(random.below(5))
    if (socket.destroyed) break
  }
  const end = random.pick(['end', 'destroy', 'reset'] as const)
  await Promise.race([closed, wait(random.below(MAX_PAUSE_MS))])
  if (end === 'end') socket.end()
  else if (end === 'reset') socket.resetAndDestroy()
  await Promise.race([closed, wait(MAX_PAUSE_MS)])
  socket.destroy()
  await closed
}

async function statusOverTwo (port: number): Promise<unknown> {
  const session = connectTwo(`http://127.0.0.1:${port}`)
  session.on('error', () => {})
  try {
    const answered = new Promise(resolve => session.request({ ':path': '/' }).on('error', resolve).once('response', headers => resolve(headers[':status'])))
    return await Promise.race([answered, wait(10_000, 'no answer within 10 s', { ref: false })])
  } finally {
    session.destroy()
  }
}

interface Server { readonly child: ChildProcess, readonly ports: readonly [number, number], readonly token: string, readonly output: () => string, readonly ended: Promise<unknown[]> }

async function start (): Promise<Server> {
  const child = fork(new URL('server.js', import.meta.url), { stdio: ['ignore', 'pipe', 'pipe', 'ipc'], execArgv: [] })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', chunk => { output = (output + String(chunk)).slice(-20_000) })
  const ended = once(child, 'exit')
  const [{ ports, token }] = await once(child, 'message') as [{ ports: [number, number], token: string }]
  return { child, ports, token, output: () => output, ended }
}

test(`${SECONDS} seconds of raw bytes`, { timeout: (SECONDS + 120) * 1000 }, async t => {
  const seed = Number(process.env.FUZZ_SEED ?? Date.now() % 2 ** 31)
  const random = new Random(seed)
  const { child, ports: [one, two], token, output, ended } = await start()
  t.teardown(() => child.kill('SIGKILL'))
  const fail = (what: string, round: number): never => { throw new Error(`FUZZ_SEED=${seed}, round ${round}: ${what}\n${output()}`) }
  const until = performance.now() + SECONDS * 1000
  let round = 0
  for (; performance.now() < until; round++) {
    const attacks = Array.from({ length: CONNECTIONS_PER_ROUND }, (): Promise<void> => {
      const overTwo = random.chance(0.25)
      const make: Attack = random.pick(overTwo ? HTTP2 : HTTP1)
      // Each has numbers of its own: what one draws does not depend on the pace of the others.
      const own = new Random(random.below(2 ** 32))
      return attack(overTwo ? two : one, make(own, token), own)
    })
    await Promise.all(attacks)
    if (child.exitCode !== null || child.signalCode !== null) fail('the process ended', round)
    const answer = await request(one, '/', { headers: NAVIGATION }).catch(error => fail(String(error), round))
    if (answer.status !== 200 || !answer.text.includes('data-live-reload')) fail(`it answered ${answer.head}`, round)
    const status = await statusOverTwo(two)
    if (status !== 200) fail(`HTTP/2: ${String(status)}`, round)
  }
  t.comment(`seed ${seed}: ${round} rounds`)
  child.send('close')
  const code = await Promise.race([ended.then(([code]) => code as number), wait(15_000, 'still running', { ref: false })])
  t.equal(code, 0, `FUZZ_SEED=${seed}: close() ends, and the process with it\n${output()}`)
})
