// The test kit as people use it, under node:test, tap and vitest: the example with its tests, and builders and backends that are wrong, in a project of its own that has the built package.
import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { after, test } from 'tap'
import { folder } from '../../support/folder.js'

/** A builder, or a backend, that is wrong in one way: the test of the suite that finds it, and what that says. */
interface Fault { readonly fails: string, readonly says: string }
type Faults = Readonly<Record<string, Fault>>

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
const EXAMPLE = new URL('../../../examples/testing/', import.meta.url)
const PROJECT = new URL('project/', import.meta.url)
const { BUILDER_FAULTS } = await import(`${PROJECT}builder-faults.js`) as { BUILDER_FAULTS: Faults }
const { BACKEND_FAULTS } = await import(`${PROJECT}backend-faults.js`) as { BACKEND_FAULTS: Faults }
const FILES = ['app.test.js', 'builder.test.js', 'faults/faults.test.js']

/** All print JUnit. Their own limits are for machines that do nothing else. */
const RUNNERS: Readonly<Record<string, readonly string[]>> = {
  'node:test': ['node', '--test', '--test-reporter=junit', ...FILES],
  tap: ['npx', 'tap', 'run', '--disable-coverage', '--allow-empty-coverage', '--reporter=junit', '--timeout=200', ...FILES],
  vitest: ['npx', 'vitest', 'run', '--reporter=junit', '--testTimeout=60000', ...FILES]
}

/** The package is there as npm puts it: a copy of what it ships. */
function project (runner: string): string {
  const made = folder({ teardown: fn => after(fn) }, { 'package.json': '{ "private": true, "type": "module" }' })
  cpSync(EXAMPLE, made.path, { recursive: true })
  for (const name of readdirSync(made.path).filter(name => name.endsWith('.test.js'))) made.write(name, readFileSync(made.at(name), 'utf8').replace("'node:test'", `'${runner}'`))
  cpSync(PROJECT, made.at('faults'), { recursive: true })
  const modules = made.at('node_modules')
  cpSync(join(ROOT, 'dist'), join(modules, 'fastify-live-reload/dist'), { recursive: true, filter: path => !path.endsWith('.map') })
  cpSync(join(ROOT, 'package.json'), join(modules, 'fastify-live-reload/package.json'))
  const { dependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { dependencies: Record<string, string> }
  for (const name of ['.bin', 'fastify', 'tap', 'vitest', ...Object.keys(dependencies)]) {
    mkdirSync(dirname(join(modules, name)), { recursive: true })
    symlinkSync(join(ROOT, 'node_modules', name), join(modules, name), 'junction')
  }
  made.write('faults/faults.test.js', `import * as kit from 'fastify-live-reload/testing'\nimport { test } from '${runner}'\nimport { defineFaulty, defineGood } from './suites.js'\n\ndefineGood(test, kit, 'mark')\ndefineFaulty(test, kit, 'mark')\n`)
  return made.path
}

interface Report {
  readonly code: number
  /** What each test said. */
  readonly said: Map<string, string>
  readonly output: string
}

async function run (cwd: string, [program, ...args]: readonly string[]): Promise<Report> {
  const { PATH, HOME } = process.env
  const { code, output } = await new Promise<Pick<Report, 'code' | 'output'>>(resolve => {
    const child = execFile(program as string, args, { cwd, env: { PATH, HOME }, maxBuffer: 2 ** 24, timeout: 200_000, shell: process.platform === 'win32' }, (_error, stdout, stderr) => resolve({ code: child.exitCode ?? -1, output: stdout + stderr }))
  })
  const said = new Map<string, string>()
  for (const [, test = '', body = ''] of output.matchAll(/<testcase\b([^>]*?)(?:\/>|>([^]*?)<\/testcase>)/g)) {
    const name = attribute(test, 'name')
    // tap has a test case for each assertion, and what was thrown is one in the class of its test.
    const [, around] = / > (.*)/.exec(attribute(test, 'classname')) ?? []
    if (around !== undefined) said.set(around, name)
    else if (!said.has(name)) said.set(name, body.includes('<failure') ? attribute(/<failure\b[^>]*/.exec(body)?.[0] ?? '', 'message') : 'passes')
  }
  return { code, said, output }
}

function attribute (element: string, name: string): string {
  const characters: Record<string, string> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' }
  const value = new RegExp(` ${name}="([^"]*)"`).exec(element)?.[1] ?? ''
  return value.replace(/&(\w+);/g, (all, character: string) => characters[character] ?? all).replace(/\s+/g, ' ')
}

for (const [runner, command] of Object.entries(RUNNERS)) {
  test(`under ${runner} the example passes, as do a builder and a backend without faults, and each fault is found and named`, async t => {
    const { code, said, output } = await run(project(runner), command)
    const faults = [...Object.entries(BUILDER_FAULTS), ...Object.entries(BACKEND_FAULTS)]
    for (const [name, { fails, says }] of faults) {
      const what = said.get(`${name}: ${fails}`)
      t.ok(what?.includes(says), `${name}: ${what}`)
      said.delete(`${name}: ${fails}`)
    }
    t.strictSame([...said].filter(([, what]) => what !== 'passes'), [])
    t.equal(said.size, 27, 'all of them ran')
    t.equal(code, 1)
    t.notMatch(output, /unhandled/i)
    if (!t.passing()) t.comment(output)
  })
}
