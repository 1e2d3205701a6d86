// An error may be anything, and anybody may ask: the page has bounds, shows nothing from outside of the project, and nothing to strangers.
import { execFileSync } from 'node:child_process'
import { symlinkSync } from 'node:fs'
import cors from '@fastify/cors'
import { test } from 'tap'
import { readProblem } from '../../../lib/features/error-pages/problem.js'
import { startApp } from '../../support/app.js'
import { folder } from '../../support/folder.js'
import { onLinux } from '../../support/system.js'

const NAVIGATION = { accept: 'text/html', 'sec-fetch-dest': 'document' }

const stackOf = (...files: string[]) => Object.assign(new Error('x'), { stack: `Error: x\n${files.map(file => `    at f (${file}:1:1)`).join('\n')}` })

test('a page is no larger than a person can read, whatever the error holds', async t => {
  const long = 'x'.repeat(20_000_000)
  const { request } = await startApp(t, {}, {
    server: { logger: false },
    after: app => {
      app.get('/message', () => { throw new Error(long) })
      app.get('/lines', () => { throw new Error('x\n'.repeat(1_000_000)) })
      app.get('/fields', () => { throw Object.assign(new Error('x', { cause: long }), { name: long, code: long, stack: long }) })
      app.get('/many', () => { throw new AggregateError(Array.from({ length: 50 }, () => new AggregateError(Array.from({ length: 50 }, () => new Error('inner'))))) })
    }
  })
  for (const path of ['/message', '/lines', '/fields', '/many']) {
    const { status, text, headers } = await request(path, { headers: NAVIGATION })
    t.match({ status, type: headers['content-type'] }, { status: 500, type: /^text\/html/ }, path)
    t.ok(text.length < 500_000, `${path}: ${text.length} characters`)
  }
})

test('an error that throws when it is read gets the answer of the app, and is logged', async t => {
  const { request, lines } = await startApp(t, {}, {
    after: app => app.get('/', () => { throw new Error('mine', { cause: { toString: () => { throw new Error('of toString') } } }) })
  })
  const { status, text } = await request('/', { headers: NAVIGATION })
  t.match({ status, ...JSON.parse(text) }, { status: 500, message: 'mine' })
  t.match(lines.join(''), /an error page could not be written/)
  t.match(lines.join(''), /of toString/)
})

test('files outside of the project, and what is no file, are not shown', onLinux, async t => {
  const outside = folder(t, { 'secret.js': 'the secret' })
  const { path, at, write } = folder(t, { '.env': 'the secret', 'key.pem': 'the secret', 'page.js': 'its source' })
  symlinkSync(outside.at('secret.js'), at('link.js'))
  symlinkSync('/etc/passwd', at('passwd.js'))
  symlinkSync('/dev/zero', at('zero.js'))
  execFileSync('mkfifo', [at('fifo.js')])
  write('sub.js/x', '')
  const odd = ['link.js', 'passwd.js', 'zero.js', 'fifo.js', 'sub.js', '.env', 'key.pem'].map(at)
  const { frames } = await readProblem(stackOf(...odd, '/proc/self/environ', at('page.js')), path)
  t.strictSame(frames.filter(({ code }) => code.length > 0).map(({ place }) => place), ['page.js'])
  for (const file of [...odd, '/proc/self/environ', outside.at('secret.js'), path]) {
    const { frames } = await readProblem(new Error(`${file}:1\n\nsaid by a message`), path)
    t.strictSame(frames.filter(({ code }) => code.length > 0), [], `${file} in a message`)
  }
})

test('who asks from another origin gets the answer of the app: its CORS may let them read it', async t => {
  const { request, port } = await startApp(t, {}, {
    before: app => app.register(cors, { origin: '*' }),
    after: app => app.all('/', () => { throw new Error('boom') })
  })
  const host = `192.168.0.2:${port}`
  const type = async (headers: Record<string, string>, method = 'GET') => (await request('/', { method, headers: { Host: host, Accept: 'text/html', ...headers } })).headers['content-type']
  t.match(await type({}), /^text\/html/, 'without an origin')
  t.match(await type({ Origin: `http://${host}` }, 'POST'), /^text\/html/, 'its own form')
  t.match(await type({ Origin: 'null', 'Sec-Fetch-Site': 'same-origin', 'Sec-Fetch-Dest': 'document' }, 'POST'), /^text\/html/, 'its own form, under Referrer-Policy: no-referrer')
  for (const origin of ['null', 'http://evil.test', `https://${host}`, 'http://192.168.0.2', `http://${host}.evil.test`]) {
    t.match(await type({ Origin: origin }), /^application\/json/, origin)
    t.match(await type({ Origin: origin, 'Sec-Fetch-Dest': 'document', 'Sec-Fetch-Site': 'cross-site' }, 'POST'), /^application\/json/, `${origin}, a form`)
  }
})
