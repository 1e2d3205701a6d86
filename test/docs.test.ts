// The documents against the code: links lead somewhere, tables name everything there is.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { test } from 'tap'
import { errors } from '../lib/errors.js'
import { createMetrics } from '../lib/features/metrics/metrics.js'
import { loadPromClient } from '../lib/features/metrics/prom-client.js'
import { parseOptions } from '../lib/options/parse.js'
import { RECIPES } from './examples/recipes/recipes.js'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8')
const below = (folder: string) => readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map(name => `${folder}/${name.split(sep).join('/')}`).filter(name => name.endsWith('.md') && !name.includes('/node_modules/'))
const documents = [...readdirSync(ROOT).filter(name => name.endsWith('.md')), ...below('docs')]

/** Without code that is no link and no heading. */
const prose = (text: string) => text.replace(/^```[\s\S]*?^```/gm, '').replace(/`[^`\n]*\]\([^`\n]*`/g, '')

/** As git hosts and the example number headings. */
function anchors (path: string): string[] {
  return [...prose(read(path)).matchAll(/^#{1,6} (.+)$/gm)]
    .map(match => (match[1] as string).toLowerCase().replace(/[^\p{L}\p{N}\s_-]/gu, '').replace(/\s/g, '-'))
}

/** Links and pictures, also with a title. Text behind it that looks like a link of another form is refused, because it would not be checked. */
function linksOf (text: string): string[] {
  const odd = text.replace(/`[^`]*`/g, '').match(/^\[[^\]]+\]: \S+|<(?:a|img)\s[^>]*>/m)
  return [...text.matchAll(/\]\(([^)\s]+)(?: "[^"]*")?\)/g)].map(match => match[1] as string).concat(odd ?? [])
}

function deadLinks (path: string, text = prose(read(path))): string[] {
  return linksOf(text).filter(link => {
    if (/^[a-z]+:/.test(link)) return false
    const [file = '', hash] = link.split('#')
    const target = file === '' ? path : relative(ROOT, join(ROOT, dirname(path), file))
    if (!existsSync(join(ROOT, target))) return true
    return hash !== undefined && !anchors(target).includes(hash)
  })
}

test('every link leads somewhere', t => {
  for (const path of [...documents, ...below('examples').filter(path => path.endsWith('/README.md'))]) t.strictSame(deadLinks(path), [], path)
  t.end()
})

test('a link that leads nowhere is found', t => {
  const text = '[a](watch.md) [b](nobody.md) ![c](images/none.png "c") [d](watch.md#nothing) [e](https://example.com)\n<a href="x">f</a>'
  t.strictSame(deadLinks('docs/options.md', text), ['nobody.md', 'images/none.png', 'watch.md#nothing', '<a href="x">'])
  t.end()
})

test('every error code is explained', t => {
  for (const code of Object.keys(errors)) {
    t.ok(read('docs/errors.md').includes(`\`${code}\``), `${code} in docs/errors.md`)
  }
  for (const path of documents) {
    const unknown = [...read(path).matchAll(/\bFST_LIVE_RELOAD_[A-Z_]*[A-Z]\b/g)].map(match => match[0]).filter(code => !(code in errors))
    t.strictSame(unknown, [], `no other codes in ${path}`)
  }
  t.end()
})

test('every option has its heading', t => {
  const { cwd, assumed, roots, builds, connect, update, ...same } = parseOptions({}, ROOT, {})
  for (const name of [...Object.keys(same), 'root', 'build']) {
    t.match(read('README.md'), new RegExp(`\\[\`${name}\`\\]\\(docs/options\\.md#`), `${name} in README.md`)
    t.match(read('docs/options.md'), new RegExp(`^## \`${name}\`$`, 'm'), `${name} in docs/options.md`)
  }
  t.end()
})

test('every metric has its row, with its type', async t => {
  const { registry } = createMetrics(await loadPromClient(), { registry: undefined, prefix: 'live_reload_', buckets: [1] })
  const help = [...(await registry.metrics()).matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(match => [match[1], match[2]])
  const rows = [...read('docs/metrics.md').matchAll(/^\| `(\w+)` \| (counter|gauge|histogram) \|/gm)].map(match => [match[1], match[2]])
  t.strictSame(rows.sort(), help.sort())
})

test('every alert has its section in the runbook', t => {
  const alerts = [...read('examples/observability/alerts.yml').matchAll(/- alert: (\S+)/g)].map(match => match[1])
  const sections = [...read('docs/runbook.md').matchAll(/^## (\S+)\n\n\*\*Means\*\*: .+\n\n\*\*See\*\*: [^]+?\n\n(?:\*\*Do\*\*: |\|)/gm)].map(match => match[1])
  t.ok(alerts.length > 0)
  t.strictSame(sections, alerts)
  t.end()
})

test('the audit names tests that exist', t => {
  const rows = [...read('docs/security-audit.md').matchAll(/^\| [^|]+ \| ([^|]*)\| [^|]+ \|$/gm)].map(match => match[1] as string)
  const named = rows.flatMap(row => [...row.matchAll(/`([^`]+)`/g)].map(match => `test/${match[1]}.test.ts`))
  t.ok(named.length > 100)
  t.strictSame(named.filter(path => !existsSync(join(ROOT, path))), [])
  t.end()
})

test('every recipe has its row, code that its test runs, and a test that exists', t => {
  const text = read('docs/recipes.md')
  const rows = new Map([...text.matchAll(/^\| ([^|]+) \| .+ \| `([\w/-]+)` \|$/gm)].map(match => [match[1] as string, { row: match[0], test: `test/${match[2] as string}.test.ts` }]))
  for (const { name, testedBy, files, start } of RECIPES) {
    t.equal(rows.get(name)?.test, `test/${testedBy}.test.ts`, name)
    const section = text.split(/^##+ /m).find(part => part.startsWith(`${name.replace('@fastify/view with ', '')}\n`))
    // Beside many plugins and libraries nothing is to be written.
    t.equal(section === undefined, rows.get(name)?.row.includes('](#') === false, `${name}: its code`)
    const lines = [...(section ?? '').matchAll(/^```\w+\n([^]+?)^```/gm)].flatMap(match => (match[1] as string).split('\n')).map(line => line.trim()).filter(line => line !== '' && !line.startsWith('//'))
    const sources = [start, ...Object.values(files)].join('\n')
    t.strictSame(lines.filter(line => !sources.includes(line)), [], `${name}: its code is that of the test`)
  }
  t.strictSame([...rows.values()].map(({ test }) => test).filter(path => !existsSync(join(ROOT, path))), [])
  t.end()
})

test('what the log is said to have about certificates is in the code that prints it', t => {
  const directory = 'lib/entries/dev/certificate'
  const code = readdirSync(join(ROOT, directory)).map(name => read(`${directory}/${name}`)).join('')
  const section = read('docs/troubleshooting.md').match(/^## The browser does not trust the certificate$([^]+?)^## /m)?.[1] as string
  const lines = [...section.matchAll(/log: `([^`]+)`/g)].map(match => match[1] as string)
  // Names, days and reasons differ from case to case.
  const parts = lines.flatMap(line => line.split(/\.{3}|, |dev\.test|[\d-]{10}/)).map(part => part.trim()).filter(part => part.length > 1)
  t.ok(lines.length > 6)
  t.strictSame(parts.filter(part => !code.includes(part)), [])
  t.end()
})

test('browsers are named with the versions that the page is compiled for', t => {
  const versions = [...read('scripts/page.js').match(/target = \[(.+)\]/)?.[1]?.matchAll(/'\D+([\d.]+)'/g) ?? []].map(match => match[1])
  t.equal(versions.length, 3)
  t.ok(read('README.md').includes(`Chrome and Edge ${versions[0]}, Firefox ${versions[1]}, Safari ${versions[2]}, and newer`))
  t.strictSame([...read('docs/client.md').matchAll(/^\| (?:Chrome|Firefox|Safari)[^|]* \| ([\d.]+) \|/gm)].map(match => match[1]), versions)
  t.end()
})

test('the code about the test kit is that of tests that run', t => {
  const [kit] = read('docs/testing.md').split('\n## The process ends by itself')
  const code = ['examples/testing', 'test/entries/testing/project'].flatMap(directory => readdirSync(join(ROOT, directory)).filter(name => name.endsWith('.js')).map(name => read(`${directory}/${name}`))).join('\n')
  const blocks = [...(kit as string).matchAll(/^```js\n([^]*?)^```$/gm)].map(match => match[1] as string)
  t.ok(blocks.length > 8)
  t.strictSame(blocks.flatMap(block => block.split('\n\n')).filter(part => !code.includes(part.trimEnd())), [])
  t.end()
})

test('decisions are short', t => {
  for (const path of documents.filter(name => name.startsWith('docs/decisions/'))) {
    t.ok(read(path).trimEnd().split('\n').length <= 30, `${path} has 30 lines at most`)
  }
  t.end()
})

test('test:stress names every file that takes its numbers from times()', t => {
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> }
  const paths = readdirSync(join(ROOT, 'test'), { recursive: true, encoding: 'utf8' }).map(name => `test/${name.split(sep).join('/')}`)
  const long = paths.filter(path => path.endsWith('.ts') && /^import .*support\/times\.js'$/m.test(read(path)))
  t.strictSame(scripts['test:stress']?.match(/test\/\S+\.test\.ts/g), long.map(path => path.replace(/(?:\.test)?\.ts$/, '.test.ts')).sort())
  t.end()
})
