// WebKitGTK by W3C WebDriver, through the driver that comes with it, on a screen that nobody sees.
import type { Test } from 'tap'
import { systemProgram } from '../setup/system-program.js'
import { freePort } from './example.js'
import { asText, type RemoteBrowser, spawned } from './remote.js'
import { until } from './wait.js'

export async function webkit (t: Test): Promise<RemoteBrowser> {
  const driver = systemProgram('WebKitWebDriver')
  const { found: [, screen] } = await spawned(t, systemProgram('Xvfb'), ['-displayfd', '1', '-screen', '0', '1024x768x24', '-nolisten', 'tcp'], {}, /^(\d+)\n/)
  const port = await freePort()
  // As root its sandbox has nothing to stand on; there is no graphics card either.
  await spawned(t, 'sh', ['-c', 'echo ready; exec "$0" --port="$1"', driver, String(port)], { DISPLAY: `:${screen}`, WEBKIT_DISABLE_COMPOSITING_MODE: '1', WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: '1' }, /ready/)

  async function call<T> (method: string, path: string, body?: object): Promise<T> {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, { method, ...body && { body: JSON.stringify(body) } })
    const { value } = await answer.json() as { value: T & { message?: string } }
    if (!answer.ok) throw new Error(`${method} ${path}: ${value.message}`)
    return value
  }

  await until(() => call('GET', '/status').then(() => true, () => false), 'the driver listens')
  const { sessionId } = await call<{ sessionId: string }>('POST', '/session', { capabilities: { alwaysMatch: { acceptInsecureCerts: true } } })
  const session = `/session/${sessionId}`
  t.teardown(() => call('DELETE', session).catch(() => {}))

  return {
    async open () {
      const { handle } = await call<{ handle: string }>('POST', `${session}/window/new`, { type: 'window' })
      const inside = () => call('POST', `${session}/window`, { handle })
      return {
        async goto (url) {
          await inside()
          await call('POST', `${session}/url`, { url })
        },
        async ask (expression) {
          await inside()
          return JSON.parse(await call<string>('POST', `${session}/execute/sync`, { script: `return ${asText(expression)}`, args: [] }))
        }
      }
    }
  }
}
