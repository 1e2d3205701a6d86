// The code of the documents against the library: options exist and take these values, members and commands are there.
import { readdirSync, readFileSync } from 'node:fs'
import { join, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { runInThisContext } from 'node:vm'
import { test } from 'tap'
import * as library from '../lib/index.js'
import { COMMANDS } from '../lib/entries/cli/commands.js'
import { parseCertificate } from '../lib/entries/dev/certificate/options.js'
import { parseListen } from '../lib/entries/dev/options.js'
import { createInert } from '../lib/live/inert.js'
import { parseOptions } from '../lib/options/parse.js'
import type { LiveReloadOptions } from '../types/options.js'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8')
const documents = ['README.md', ...readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' }).filter(name => name.endsWith('.md')).map(name => `docs/${name.split(sep).join('/')}`)]

/** What an app would have defined or imported: something to call. */
const given = new Proxy<Record<string | symbol, unknown>>({ ...library, URL }, {
  has: (target, name) => name in target || !(name in globalThis),
  get: (target, name) => name === Symbol.unscopables ? undefined : target[name] ?? (() => ({ name: 'given', build: () => {} }))
})

const evaluate = (code: string): unknown => (runInThisContext(`(function (given) { with (given) { return (${code}) } })`) as (scope: unknown) => unknown)(given)
const parse = (code: string) => parseOptions(evaluate(code) as LiveReloadOptions, ROOT, {})

/** What a call of `name` gets, or nothing. */
const argument = (code: string, name: string): unknown => {
  const [, text = ''] = new RegExp(`^${name}\\((?:app, )?([^]*)\\)$`).exec(code) ?? []
  return text === 'app' || text === '' ? undefined : evaluate(text)
}

/** In the words of the page's own types. */
const clientMembers = [...read('types/client.ts').split('export interface LiveReloadClient ')[1]?.matchAll(/^ {2}(?:readonly )?(\w+)/gm) ?? []].map(match => match[1])
const variables = [...(read('docs/options.md') + read('docs/dev.md')).matchAll(/`([A-Z][A-Z_]+)(?:=[^`]*)?`/g)].map(match => match[1])

/** Throws when it is not what the library takes. Each kind of code that a table may have is a row. */
const KINDS: readonly [RegExp, (code: string) => unknown][] = [
  [/^app\.register\(liveReload\)$/, () => parse('{}')],
  [/^app\.liveReload\.(\w+)/, code => known(code, code.split(/\W/)[2], Object.keys(createInert('/x')))],
  [/^window\.__liveReload\.(\w+)/, code => known(code, code.split(/\W/)[2], clientMembers)],
  [/^listen\(/, code => parseListen(argument(code, 'listen'), {})],
  [/^devCertificate\(/, code => parseCertificate(argument(code, 'devCertificate'))],
  [/^npx fastify-live-reload /, code => {
    const [, , name = '', ...args] = code.split(' ')
    const command = COMMANDS.find(one => one.name === name)
    known(code, command?.name, COMMANDS.map(one => one.name))
    parseArgs({ args, options: Object.fromEntries(Object.entries(command?.flags ?? {}).map(([flag, { type }]) => [flag, { type }])), allowPositionals: true })
  }],
  [/^[A-Z][A-Z_]+=/, code => known(code, code.split('=')[0], variables)],
  // Options of a route and of Fastify, and programs: not ours, but few enough to name.
  [/^config: \{ liveReload: false \}$/, () => known('config', 'liveReload', [...read('types/fastify.ts').matchAll(/^ +(\w+)\?: boolean/gm)].map(match => match[1]))],
  [/^(?:node|nodemon|npx tsx watch|webpack|browser-sync start) .*(?:\.[jt]s|--.*)$/, () => {}],
  [/^(?:server\.js|onSend|onListen|debug|http2|ext|build|root|watch|\/__live\/|shareTabs\(\)|esbuild\(\)|isolated\(\)|fastify\.hot\.keep\(\)|Fastify\(\{ https \}\)|app\.listen\(\{ path \}\)|app\.close\(\)|\.gitignore)$/, () => {}],
  [/^\w+: /, code => parse(`{ ${code} }`)]
]

function known (code: string, name: string | undefined, names: readonly (string | undefined)[]): void {
  if (name === undefined || !names.includes(name)) throw new Error(`${code}: there is no ${name}`)
}

function faultOf (code: string): string | undefined {
  const check = KINDS.find(([pattern]) => pattern.test(code))?.[1]
  if (check === undefined) return `${code}: what is this?`
  try {
    check(code)
    return undefined
  } catch (error) {
    return `${code}: ${(error as Error).message}`
  }
}

const rows = [...read('docs/migrating.md').matchAll(/^\| (?!-|you had|of \|)(.*) \|$/gm)].map(match => (match[1] as string).split(' | '))

test('docs/migrating.md: what you write is what the library takes', t => {
  const codes = rows.flatMap(row => [...(row.at(-1) as string).matchAll(/`([^`]+)`/g)].map(match => match[1] as string))
  t.ok(rows.length > 150, 'rows')
  t.ok(codes.length > 180, 'pieces of code')
  t.strictSame(codes.map(faultOf).filter(Boolean), [])
  t.end()
})

test('docs/migrating.md: a renamed option, member or command would be found', t => {
  for (const code of ['debunce: 5', "root: { path: 'a', spas: true }", "client: { css: 'no' }", 'app.liveReload.refresh()', 'window.__liveReload.stop()', 'listen(app, { port: 1 })', "devCertificate({ host: 'a' })", 'npx fastify-live-reload refresh', 'npx fastify-live-reload reload --uri=/', 'LIVERELOAD=0', 'config: { liveReloads: false }', 'rm -rf /']) {
    t.type(faultOf(code), 'string', code)
  }
  t.end()
})

for (const path of documents) {
  const blocks = [...read(path).matchAll(/^```[jt]s\n([^]*?)^```/gm)].map(match => match[1] as string)
  const calls = blocks.flatMap(block => [...block.matchAll(/register\(liveReload, (\{(?:.*\}|\n[^]*?\n *\}))\)/g)].map(match => match[1] as string))
  if (calls.length === 0) continue
  test(`${path}: options of its ${calls.length} registrations`, t => {
    for (const code of calls) t.doesNotThrow(() => parse(code), code)
    t.end()
  })
}
