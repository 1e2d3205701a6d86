// Errors of template engines name their file in the message: the page has its own line as heading, the source, and a link to the place.
import fastifyView from '@fastify/view'
import ejs from 'ejs'
import { createRequire } from 'node:module'
import { test } from 'tap'
import { readMessage } from '../../../lib/features/error-pages/message.js'
import { startApp } from '../../support/app.js'
import { folder } from '../../support/folder.js'

const NAVIGATION = { accept: 'text/html', 'sec-fetch-dest': 'document' }
// Without types of its own.
const nunjucks: unknown = createRequire(import.meta.url)('nunjucks')

const FILES = {
  'a.ejs': '<h1>\n<p>\n<%= user.name %>\n',
  'syntax.ejs': '<h1>\n<% if (x) { %>\n',
  'a.njk': '<h1>\n<p>\n{{ user.first() }}\n',
  'syntax.njk': '<h1>\n{% if x %}\n'
}

for (const [engine, cases] of [
  [{ ejs }, [['a.ejs', 'user is not defined', 3], ['syntax.ejs', 'Unexpected token', 1]]],
  [{ nunjucks }, [['a.njk', 'Unable to call `user[&quot;first&quot;]`', 2], ['syntax.njk', 'parseIf: expected elif', 1]]]
] as const) {
  test(`real errors of ${Object.keys(engine).join('')}`, async t => {
    const { path } = folder(t, FILES)
    const cwd = process.cwd()
    process.chdir(path)
    t.teardown(() => process.chdir(cwd))
    const { request } = await startApp(t, {}, {
      before: app => app.register(fastifyView, { engine: engine as never, root: path }),
      after: app => app.get('/:file', async (request, reply) => reply.viewAsync((request.params as { file: string }).file, {}))
    })
    for (const [file, headline, line] of cases) {
      const { status, text } = await request(`/${file}`, { headers: NAVIGATION })
      t.equal(status, 500)
      t.ok(new RegExp(`<h1>[^<]*${headline.replace(/[[\]()]/g, '\\$&')}`).test(text), `${file}: ${/<h1>[^<]*/.exec(text)?.[0]}`)
      t.ok(text.includes(`data-file="${file}" data-line="${line}"`), `${file}: a link`)
      t.ok(text.includes('<i>1</i>&lt;h1&gt;'), `${file}: its source`)
      t.match(text, /<pre class="message"/, `${file}: the rest of the message`)
    }
  })
}

const places = (path: string) => (name: string, line: number, column = 1) => ({ file: `${path}/${name}`, line, column })

test('messages as engines write them', async t => {
  const { path } = folder(t, { 'v/a.pug': 'h1\n', 'v/a b.eta': 'x\n', 'v/a.liquid': 'x\n', '.env': 'SECRET', 'my.key': 'SECRET' })
  const at = places(path)
  const cases: [message: string, headline: string, rest: string | RegExp, ...found: ReturnType<typeof at>[]][] = [
    ['just words', 'just words', ''],
    ['', '', ''],
    ['\n\n', '', ''],
    ['first\n\n  second\n', 'first', '  second'],
    [`${path}/v/a.pug:3:7\n    1| h1 a\n  > 2| p(b\n-------^\n\nno closing bracket`, 'no closing bracket', /a\.pug:3:7\n[^]*no closing bracket$/, at('v/a.pug', 3, 7)],
    [`${path}/v/a b.eta:2\n    1| <h1>\n >> 2| <%= it.user.name %>\n\nis undefined`, 'is undefined', /^\/.*eta:2\n/, at('v/a b.eta', 2)],
    [`undefined filter: nofilter, file:${path}/v/a.liquid, line:2, col:5`, `undefined filter: nofilter, file:${path}/v/a.liquid, line:2, col:5`, '', at('v/a.liquid', 2, 5)],
    ['look at v/a.pug:1:2, or (v/a.liquid:3)', 'look at v/a.pug:1:2, or (v/a.liquid:3)', '', at('v/a.pug', 1, 2)],
    ['Parse error on line 3:\n<h1>{{#if x}}\n-------------^\nExpecting EOF', 'Parse error on line 3:', '<h1>{{#if x}}\n-------------^\nExpecting EOF'],
    ['"foo" not defined in [object Object] - 1:2', '"foo" not defined in [object Object] - 1:2', ''],
    ['(unknown path)\n  Error: no', '(unknown path)', '  Error: no'],
    [`${path}/.env:1\nx`, `${path}/.env:1`, 'x'],
    [`${path}/my.key:1\nx`, `${path}/my.key:1`, 'x'],
    ['/etc/passwd:1\nx', '/etc/passwd:1', 'x'],
    [`${path}:1\nx`, `${path}:1`, 'x'],
    ['\u001b[31mred\u001b[0m', 'red', ''],
    ['x'.repeat(500), `${'x'.repeat(300)}…`, 'x'.repeat(500)],
    ['v/a.pug:1\n'.repeat(9), 'v/a.pug:1', /a\.pug/, at('v/a.pug', 1), at('v/a.pug', 1), at('v/a.pug', 1)]
  ]
  for (const [message, headline, rest, ...found] of cases) {
    const read = await readMessage(message, path)
    t.equal(read.headline, headline, JSON.stringify(message))
    if (typeof rest === 'string') t.equal(read.rest, rest)
    else t.match(read.rest, rest)
    t.strictSame(read.places.map(({ source, ...place }) => place), found)
  }
})
