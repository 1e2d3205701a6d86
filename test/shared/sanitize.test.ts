import { sep } from 'node:path'
import { test } from 'tap'
import { sanitizeMessage, sanitizeStatus } from '../../lib/shared/messages/sanitize.js'
import type { ServerMessage } from '../../types/message.js'

const client = { debounce: 20, hidden: 'wait', overlay: true, badge: false, preserve: true, serviceWorker: 'warn', editor: false } as const
const cwd = ['', 'home', 'me', 'project'].join(sep)
const home = ['', 'home', 'me'].join(sep)
const within = [cwd, 'src', 'a.ts'].join(sep)

test('pages receive paths of the project, not of the machine', t => {
  const diagnostic = { severity: 'error', message: `no such file: ${within}, ${home}${sep}other${sep}b.ts`, file: within, line: 3, frame: '> 3 | x', stack: `at ${within}` } as const
  const clean = { severity: 'error', message: `no such file: src${sep}a.ts, ~${sep}other${sep}b.ts`, file: `src${sep}a.ts`, line: 3, frame: '> 3 | x' }
  const build: ServerMessage = { type: 'build', state: 'failed', name: 'docs', diagnostics: [diagnostic, { severity: 'warning', message: 'x', file: '/elsewhere/c.ts' }] }
  t.strictSame(sanitizeMessage(build, cwd, home), { ...build, diagnostics: [clean, { severity: 'warning', message: 'x', file: '/elsewhere/c.ts' }] })
  const hello: ServerMessage = { type: 'hello', epoch: 'e', seq: 1, build: { state: 'failed', name: 'docs', diagnostics: [diagnostic] }, client }
  t.strictSame(sanitizeMessage(hello, cwd, home), { ...hello, build: { ...hello.build, diagnostics: [clean] } })
  t.match(sanitizeMessage(build, cwd, '/'), { diagnostics: [{ message: /other/ }, {}] }, 'a home that is everything is none')
  t.ok(sanitizeMessage(build, cwd))
  t.end()
})

test('and so is who asks how things are', t => {
  const diagnostic = { severity: 'error', message: `no such file: ${within}`, file: within, stack: `at ${within}` } as const
  const status = {
    ok: false,
    reason: `${cwd}${sep}dist is gone`,
    enabled: true,
    epoch: 'e',
    seq: 1,
    clients: 0,
    transports: { ws: 0, sse: 0 },
    fallbacks: { timeout: 0, failed: 0, forced: 0 },
    paused: false,
    watch: { state: 'failed', reason: `can not watch ${home}${sep}x`, roots: [cwd, within, [home, 'other'].join(sep)], files: 1 },
    builds: { docs: { state: 'failed', diagnostics: [diagnostic] }, other: { state: 'ok' } }
  } as const
  t.strictSame(sanitizeStatus(status, cwd, home), {
    ...status,
    reason: 'dist is gone',
    watch: { ...status.watch, reason: `can not watch ~${sep}x`, roots: ['.', ['src', 'a.ts'].join(sep), ['..', 'other'].join(sep)] },
    builds: { docs: { state: 'failed', diagnostics: [{ severity: 'error', message: `no such file: ${['src', 'a.ts'].join(sep)}`, file: ['src', 'a.ts'].join(sep) }] }, other: { state: 'ok' } }
  })
  const well = { ...status, ok: true, reason: undefined, watch: { state: 'ok', roots: [], files: 0 }, builds: {} } as const
  const { reason, ...rest } = well
  t.strictSame(sanitizeStatus(rest, cwd), rest)
  t.end()
})

test('everything else goes out as it is', t => {
  const messages: ServerMessage[] = [{ type: 'reload', seq: 1 }, { type: 'closing' }, { type: 'build', state: 'started', name: 'x' }, { type: 'hello', epoch: 'e', seq: 1, build: { state: 'ok' }, client }]
  for (const message of messages) t.equal(sanitizeMessage(message, cwd), message, message.type)
  t.end()
})

test('a page gets no more of a failure than it can use, errors first', t => {
  const warning = { severity: 'warning', message: 'w' } as const
  const error = { severity: 'error', message: 'x'.repeat(1_000_000), frame: 'y'.repeat(100_000), file: `/${'z'.repeat(10_000)}` } as const
  const diagnostics = [...Array.from({ length: 30 }, () => warning), ...Array.from({ length: 300 }, () => error), ...Array.from({ length: 30 }, () => warning)]
  const { diagnostics: sent = [] } = sanitizeMessage({ type: 'build', state: 'failed', name: 'docs', diagnostics }, cwd)
  t.ok(sent.length > 10 && sent.every(({ severity }) => severity === 'error'), 'errors only')
  t.match(sent[0]?.message, /^x{10000}\n… truncated: 1,000,000 characters in all$/)
  t.ok(Buffer.byteLength(JSON.stringify(sent)) < 260 * 1024, 'much less than a hub buffers for a page')
  const wide = { ...error, message: '漢'.repeat(20_000), frame: '漢'.repeat(5000) }
  const { diagnostics: few = [] } = sanitizeMessage({ type: 'build', state: 'failed', name: 'docs', diagnostics: Array.from({ length: 50 }, () => wide) }, cwd)
  t.ok(few.length > 3 && Buffer.byteLength(JSON.stringify(few)) < 260 * 1024, 'in bytes')
  t.equal(sanitizeMessage({ type: 'build', state: 'failed', name: 'docs', diagnostics: diagnostics.slice(0, 50) }, cwd).diagnostics?.[0]?.severity, 'warning', 'fifty stay in their order')
  t.end()
})
