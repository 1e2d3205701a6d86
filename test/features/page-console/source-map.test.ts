import { readFileSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { buildSync } from 'esbuild'
import { test, type Test } from 'tap'
import { createMapper } from '../../../lib/features/page-console/source-map.js'
import { folder } from '../../support/folder.js'

const SOURCE = 'interface Page { title?: string }\n\nexport function render (page: Page): string {\n  throw new Error(page.title ?? "none")\n}\n'

function project (t: Test, sourcemap: 'inline' | 'linked' | false, more: Record<string, string> = {}) {
  const files = folder(t, { 'src/page.ts': SOURCE, 'src/main.ts': "import { render } from './page.js'\nrender({})\n", 'public/x': '', ...more })
  const build = () => buildSync({ entryPoints: [files.at('src/main.ts')], outfile: files.at('public/app.js'), bundle: true, minify: true, sourcemap })
  build()
  const asked: string[] = []
  const find = async (path: string) => {
    asked.push(path)
    return path.includes('..') || path.startsWith('/none') ? undefined : join(files.at('public'), path)
  }
  return { ...files, read: (name: string) => readFileSync(files.at(name), 'utf8'), build, asked, map: createMapper({ find, cwd: files.path }) }
}

/** Where `throw` is in the script. */
async function place (read: () => string): Promise<string> {
  const lines = read().split('\n')
  const row = lines.findIndex(line => line.includes('throw'))
  return `${row + 1}:${(lines[row] as string).indexOf('throw') + 1}`
}

for (const sourcemap of ['inline', 'linked'] as const) {
  test(`a real bundle, its map ${sourcemap}`, async t => {
    const { map, read } = project(t, sourcemap)
    const at = await place(() => read('public/app.js'))
    const cases: [text: string, mapped: string][] = [
      [`Error: no\n    at render (/app.js:${at})`, 'Error: no\n    at render (src/page.ts:4:3)'],
      [`    at /app.js?v=7:${at}`, '    at src/page.ts:4:3'],
      [`render@/app.js#x:${at}`, 'render@src/page.ts:4:3'],
      [`    at async render (/app.js:${at})`, '    at async render (src/page.ts:4:3)'],
      [`see /app.js:${at}`, `see /app.js:${at}`],
      ['    at render (https://cdn.test/app.js:1:1)', '    at render (https://cdn.test/app.js:1:1)'],
      ['    at render (/none.js:1:1)', '    at render (/none.js:1:1)'],
      ['    at render (/nothing.js:1:1)', '    at render (/nothing.js:1:1)'],
      ['    at render (/x:1:1)', '    at render (/x:1:1)'],
      ['', '']
    ]
    for (const [text, mapped] of cases) t.equal(await map(text), mapped, text)
  })
}

test('only the first frames are looked at', async t => {
  const { map, read } = project(t, 'inline')
  const at = await place(() => read('public/app.js'))
  const mapped = await map(`    at f (/app.js:${at})\n`.repeat(12))
  t.equal(mapped.match(/src\/page\.ts/g)?.length, 10)
})

test('a map is kept until its script changes', async t => {
  const { map, read, write, build, asked, at: file } = project(t, 'linked')
  const at = await place(() => read('public/app.js'))
  const frame = `    at f (/app.js:${at})`
  t.equal(await map(frame), '    at f (src/page.ts:4:3)')
  t.equal(await map(frame), '    at f (src/page.ts:4:3)')
  t.same(asked, ['/app.js', '/app.js.map', '/app.js'])
  write('src/page.ts', `// one\n// two\n${SOURCE}`)
  build()
  utimesSync(file('public/app.js'), 1, 1)
  t.equal(await map(frame), '    at f (src/page.ts:6:3)')
})

test('maps of all kinds', async t => {
  const mappings = 'AAAA'
  const json = (more: object) => JSON.stringify({ version: 3, sources: ['a.ts'], names: [], mappings, ...more })
  const data = (text: string) => `data:application/json;charset=utf-8;base64,${Buffer.from(text).toString('base64')}`
  const cases: [name: string, reference: string, mapped: string][] = [
    ['root', data(json({ sourceRoot: '../src' })), 'src/a.ts:1:1'],
    ['scheme', data(json({ sources: ['webpack://app/./src/a.ts'] })), 'webpack://app/./src/a.ts:1:1'],
    ['outside', data(json({ sources: ['../../../../../elsewhere/a.ts'] })), '../../../../../elsewhere/a.ts:1:1'],
    ['plain', `data:application/json,${encodeURIComponent(json({}))}`, 'public/a.ts:1:1'],
    ['guarded', 'guarded.js.map', 'public/a.ts:1:1'],
    ['empty', data(json({ mappings: '' })), '/empty.js:1:1'],
    ['broken', data('{'), '/broken.js:1:1'],
    ['missing', 'nothing.map', '/missing.js:1:1'],
    ['climbing', '../../secret.map', '/climbing.js:1:1'],
    ['none', '/none.map', '/none2.js:1:1'],
    ['foreign', 'https://cdn.test/a.map', '/foreign.js:1:1'],
    ['absent', '', '/absent.js:1:1']
  ]
  const scripts = cases.map(([name, reference], i) => [`public/${name === 'none' ? 'none2' : name}.js`, `f()\n${i % 2 === 0 ? '//' : '/*'}# sourceMappingURL=${reference}${i % 2 === 0 ? '' : ' */'}\n`] as const)
  const { map } = project(t, false, { ...Object.fromEntries(scripts), 'public/guarded.js.map': `)]}'\n${json({})}`, 'public/large.js': 'x'.repeat(8 * 1024 * 1024 + 1) })
  for (const [name, , mapped] of cases) t.equal(await map(`f@/${name === 'none' ? 'none2' : name}.js:1:1`), `f@${mapped}`, name)
  t.equal(await map('f@/large.js:1:1'), 'f@/large.js:1:1')
})

test('a map that is wrong leaves the line as it is', async t => {
  const map3 = (more: object) => ({ version: 3, sources: ['a.ts'], names: [], mappings: 'AAAA', ...more })
  const section = (map: unknown) => ({ version: 3, sections: [{ offset: { line: 0, column: 0 }, map }] })
  const maps: unknown[] = [
    null, 1, 'text', [], {}, map3({ sources: [null] }), map3({ sources: [] }), map3({ sources: [{}] }), map3({ sources: 7 }), map3({ mappings: 7 }),
    map3({ mappings: 'AgggggggC' }), map3({ mappings: 'AAD' }), map3({ mappings: 'AAAD' }), map3({ sourceRoot: 5 }),
    section(section(map3({ sources: [null] }))), section(null), { version: 3, sections: [null] }, { version: 3, sections: {} }
  ]
  const scripts = Object.fromEntries(maps.map((one, i) => [`public/${i}.js`, `f()\n//# sourceMappingURL=data:application/json,${encodeURIComponent(JSON.stringify(one))}`]))
  const { map } = project(t, false, { ...scripts, 'public/noise.js': `f()\n//# sourceMappingURL=data:application/json,${encodeURIComponent(JSON.stringify(map3({ mappings: '!!,,;;~' })))}`, 'public/uri.js': 'f()\n//# sourceMappingURL=data:application/json,%zz', 'public/section.js': `f()\n//# sourceMappingURL=data:application/json,${encodeURIComponent(JSON.stringify(section(map3({}))))}` })
  for (const [i, one] of maps.entries()) t.equal(await map(`f@/${i}.js:1:1`), `f@/${i}.js:1:1`, JSON.stringify(one))
  t.equal(await map('f@/uri.js:1:1'), 'f@/uri.js:1:1')
  t.match(await map('f@/noise.js:1:1'), /^f@.*:1:1$/)
  t.equal(await map('f@/section.js:1:1'), 'f@public/a.ts:1:1', 'sections are nothing wrong')
})

test('a limited number of maps is kept', async t => {
  const data = `data:application/json,${encodeURIComponent(JSON.stringify({ version: 3, sources: ['a.ts'], names: [], mappings: 'AAAA' }))}`
  const { map } = project(t, false, Object.fromEntries(Array.from({ length: 25 }, (_, i) => [`public/${i}.js`, `f()\n//# sourceMappingURL=${data}`])))
  for (const i of [...Array(25).keys(), 0]) t.equal(await map(`f@/${i}.js:1:1`), 'f@public/a.ts:1:1')
})
