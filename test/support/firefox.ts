// Firefox by WebDriver BiDi, which it speaks itself: no driver beside it.
import { once } from 'node:events'
import type { Test } from 'tap'
import { WebSocket } from 'ws'
import { systemProgram } from '../setup/system-program.js'
import { folder } from './folder.js'
import { asText, type RemoteBrowser, spawned } from './remote.js'

interface Answer { readonly id?: number, readonly type: 'success' | 'error' | 'event', readonly result?: unknown, readonly message?: string }

export async function firefox (t: Test): Promise<RemoteBrowser> {
  const program = systemProgram('firefox-esr')
  const { path } = folder(t)
  const { found } = await spawned(t, program, ['--headless', '--no-remote', '--profile', path, '--remote-debugging-port', '0'], { HOME: path }, /ws:\/\/\S+/)
  const socket = new WebSocket(`${found[0]}/session`)
  await once(socket, 'open')
  t.teardown(() => socket.terminate())

  const waiting = new Map<number, (answer: Answer) => void>()
  socket.on('message', data => {
    const answer = JSON.parse(String(data)) as Answer
    if (answer.id !== undefined) waiting.get(answer.id)?.(answer)
  })
  let sent = 0
  async function call<T> (method: string, params: object): Promise<T> {
    const id = ++sent
    const answer = await new Promise<Answer>(resolve => {
      waiting.set(id, resolve)
      socket.send(JSON.stringify({ id, method, params }))
    })
    waiting.delete(id)
    if (answer.type === 'error') throw new Error(`${method}: ${answer.message}`)
    return answer.result as T
  }

  await call('session.new', { capabilities: { alwaysMatch: { acceptInsecureCerts: true } } })
  return {
    async open () {
      const { context } = await call<{ context: string }>('browsingContext.create', { type: 'window' })
      return {
        goto: url => call('browsingContext.navigate', { context, url, wait: 'complete' }),
        async ask (expression) {
          const { result } = await call<{ result: { value: string } }>('script.evaluate', { expression: asText(expression), target: { context }, awaitPromise: true })
          return JSON.parse(result.value)
        }
      }
    }
  }
}
