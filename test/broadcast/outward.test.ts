import { sep } from 'node:path'
import { test } from 'tap'
import { outward } from '../../lib/broadcast/outward.js'
import type { ServerMessage } from '../../types/message.js'

const client = { debounce: 20, hidden: 'wait', overlay: true, badge: false, editor: false } as const
const cwd = ['', 'home', 'me', 'project'].join(sep)
const home = ['', 'home', 'me'].join(sep)
const within = [cwd, 'src', 'a.ts'].join(sep)

test('S-086 pages are told paths of the project, not of the machine', t => {
  const diagnostic = { severity: 'error', message: `no such file: ${within}, ${home}${sep}other${sep}b.ts`, file: within, line: 3, frame: '> 3 | x', stack: `at ${within}` } as const
  const clean = { severity: 'error', message: `no such file: src${sep}a.ts, ~${sep}other${sep}b.ts`, file: `src${sep}a.ts`, line: 3, frame: '> 3 | x' }
  const build: ServerMessage = { type: 'build', state: 'failed', name: 'docs', diagnostics: [diagnostic, { severity: 'warning', message: 'x', file: '/elsewhere/c.ts' }] }
  t.strictSame(outward(build, cwd, home), { ...build, diagnostics: [clean, { severity: 'warning', message: 'x', file: '/elsewhere/c.ts' }] })
  const hello: ServerMessage = { type: 'hello', epoch: 'e', seq: 1, build: { state: 'failed', name: 'docs', diagnostics: [diagnostic] }, client }
  t.strictSame(outward(hello, cwd, home), { ...hello, build: { ...hello.build, diagnostics: [clean] } })
  t.match(outward(build, cwd, '/'), { diagnostics: [{ message: /other/ }, {}] }, 'a home that is everything is none')
  t.ok(outward(build, cwd))
  t.end()
})

test('everything else goes out as it is', t => {
  const messages: ServerMessage[] = [{ type: 'reload', seq: 1 }, { type: 'closing' }, { type: 'build', state: 'started', name: 'x' }, { type: 'hello', epoch: 'e', seq: 1, build: { state: 'ok' }, client }]
  for (const message of messages) t.equal(outward(message, cwd), message, message.type)
  t.end()
})
