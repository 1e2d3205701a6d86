// A builder as an app may have one, in every way that `testBuilder` asks for. It has no faults.
import { appendFileSync } from 'node:fs'

export function makeBuilder (behaviour, mark) {
  return {
    name: 'mine',
    async build (request, { signal, progress, log }) {
      const began = performance.now()
      const end = (...diagnostics) => ({ ok: diagnostics.length === 0, ms: performance.now() - began, diagnostics })
      signal.throwIfAborted()
      if (behaviour === 'failure') return end({ severity: 'error', message: 'broken on purpose' })
      if (behaviour === 'throw') return end({ severity: 'error', message: 'thrown on purpose, because of the cause' })
      if (behaviour === 'progress') progress({ label: 'pages', done: 1, total: 2 })
      if (behaviour === 'log') log('a line')
      if (behaviour === 'hang') {
        appendFileSync(mark, '.')
        await new Promise((resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
      }
      return end()
    },
    async close () {}
  }
}
