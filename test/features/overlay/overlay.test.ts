// What is broken, as data: words, frames, the whole, and the route.
import Fastify from 'fastify'
import { test } from 'tap'
import { Failures } from '../../../lib/features/overlay/failures.js'
import { writeOverlay } from '../../../lib/features/overlay/overlay.js'
import { writeFrame } from '../../../lib/features/overlay/frame.js'
import { STYLE } from '../../../lib/features/overlay/style.js'
import { placeOf, problemsOf, textOf } from '../../../lib/features/overlay/text.js'
import liveReload from '../../../lib/index.js'
import '../../support/preload.js'
import type { Diagnostic } from '../../../types/build.js'
import type { OverlayTree } from '../../../types/overlay.js'
import { folder } from '../../support/folder.js'

const ERROR: Diagnostic = { severity: 'error', message: ' Unexpected "="\n', file: 'src/a.ts', line: 2, column: 18, frame: '> 2 | a = = b' }
const WARNING: Diagnostic = { severity: 'warning', message: 'never used', file: 'src/b.ts' }
const CLIENT = { badge: { position: 'bottom-right' }, editor: true } as const
const EVIL = '<img src=x onerror="hit()">'

const isTree = (child: OverlayTree | string): child is OverlayTree => typeof child !== 'string'
const all = (tree: OverlayTree): OverlayTree[] => [tree, ...(tree.slice(2) as (OverlayTree | string)[]).filter(isTree).flatMap(all)]
const textIn = ([, , ...children]: OverlayTree): string => children.map(child => isTree(child) ? textIn(child) : child).join('')
const find = (tree: OverlayTree, name: string) => all(tree).filter(([tag, attributes]) => tag === name || attributes.class?.split(' ').includes(name))

function viewOf (diagnostics: readonly Diagnostic[], client: Parameters<typeof writeOverlay>[2] = CLIENT) {
  const failures = new Failures()
  failures.add({ state: 'failed', name: 'docs', diagnostics })
  const { view } = writeOverlay(failures, 'e', client) ?? {}
  return view as OverlayTree
}

test('frames', async t => {
  const cases: [name: string, frame: string, line: number | undefined, rows: string[]][] = [
    ['Babel, TypeScript', '  10 | a\n> 11 |   b.c()\n     |     ^\n  12 | }\n  13 | ', undefined, ['row|   10 a', 'row hit|   11   b.c()', 'row pointer|           ^', 'row|   12 }', 'row|   13 ']],
    ['esbuild', '    4 │ let a = ;\n      ╵         ^', 4, ['row hit|     4 let a = ;', 'row pointer|                ^']],
    ['numbers of other lengths', '9: a\n10: b', 10, ['row| 9 a', 'row hit|10 b']],
    ['words', 'some words\n  of a tool', undefined, ['row|some words', 'row|  of a tool']],
    ['markup', `> 1 | ${EVIL}`, undefined, [`row hit|   1 ${EVIL}`]],
    ['wide', 'y'.repeat(5000), undefined, [`row|${'y'.repeat(1000)}…`]]
  ]
  for (const [name, frame, line, rows] of cases) {
    const [pre] = writeFrame({ severity: 'error', message: '', frame, ...line !== undefined && { line } }) as [OverlayTree]
    t.same(find(pre, 'row').map(row => `${row[1].class}|${textIn(row).slice(0, -1)}`), rows, name)
  }
  t.equal(find(writeFrame({ severity: 'error', message: '', frame: 'row\n'.repeat(500) })[0] as OverlayTree, 'row').length, 60, 'long')
  for (const frame of [undefined, '', ' \n ']) t.same(writeFrame({ severity: 'error', message: '', ...frame !== undefined && { frame } }), [], JSON.stringify(frame))
})

test('problems as text', async t => {
  const problems = problemsOf([{ name: 'docs', diagnostics: [WARNING, ERROR] }, { name: 'css', diagnostics: [] }])
  t.same(problems.map(({ builder, severity }) => `${builder} ${severity}`), ['docs error', 'css error', 'docs warning'], 'errors first')
  t.equal(textOf(problems), 'error in docs at src/a.ts:2:18\nUnexpected "="\n> 2 | a = = b\n\nerror in css\nThe build failed without saying why.\n\nwarning in docs at src/b.ts\nnever used')
  for (const [place, diagnostic] of [[undefined, { line: 3 }], ['a', { file: 'a' }], ['a:3', { file: 'a', line: 3 }], ['a:3:4', { file: 'a', line: 3, column: 4 }]] as const) {
    t.equal(placeOf({ severity: 'error', message: '', ...diagnostic }), place, place ?? 'nowhere')
  }
})

test('the view', async t => {
  const view = viewOf([WARNING, ERROR, { severity: 'error', message: '' }])
  const texts = (name: string) => find(view, name).map(textIn)
  t.same(texts('h1'), ['Build failed'])
  t.same(texts('count'), ['3 problems'])
  t.same(texts('tag'), ['error', 'error', 'warning'])
  t.same(texts('message'), ['Unexpected "="', 'The build failed without saying why.', 'never used'])
  t.same(texts('origin'), ['docs', 'docs', 'docs'])
  t.same(texts('place'), ['src/a.ts:2:18', 'src/b.ts'])
  t.same(texts('hit'), ['   2 a = = b\n'])
  t.same(texts('textarea'), [textOf(problemsOf([{ name: 'docs', diagnostics: [WARNING, ERROR, { severity: 'error', message: '' }] }]))])
  t.same(all(view).filter(([, { id }]) => id).map(([tag, { id }]) => `${tag} ${id}`), ['h1 heading', 'p message'], 'what names and describes the dialog is there once')
  t.same(find(view, 'place').map(([tag, attributes]) => [tag, attributes['data-open']]), [['button', '{"file":"src/a.ts","line":2,"column":18}'], ['button', '{"file":"src/b.ts"}']])
  t.match(view[1].class, /\berror\b/)

  const plain = viewOf([WARNING], { badge: false, editor: false })
  t.same(find(plain, 'h1').map(textIn), ['Build failed with warnings'])
  t.match(plain[1].class, /\bwarning\b/)
  t.same(find(plain, 'count').map(textIn), [''], 'one needs no count')
  t.same(find(plain, 'place').map(([tag]) => tag), ['span'], 'nothing can be opened')
  t.same(find(plain, 'tool').map(([, { title }]) => title), ['Close (Esc)'], 'nowhere to minimise to')

  const many = viewOf(Array.from({ length: 150 }, () => WARNING))
  t.same([find(many, 'li').length, find(many, 'count').map(textIn)], [100, ['100 of 150 problems']])
})

test('what builders say is text, and nothing else', async t => {
  const view = viewOf([{ severity: 'error', message: EVIL, file: EVIL, line: 1, column: 1, frame: `> 1 | ${EVIL}\n${EVIL}` }])
  for (const [tag, attributes] of all(view)) {
    t.match(tag, /^[a-z]+1?$/)
    for (const [name, value] of Object.entries(attributes)) {
      t.match(name, /^(class|id|role|tabindex|title|readonly|aria-(label|hidden)|data-(away|open|copied|failed))$/)
      if (name !== 'data-open') t.notOk(value.includes(EVIL), name)
    }
  }
  t.ok(find(view, 'message').map(textIn).includes(EVIL))
  t.notMatch(STYLE, /url\(|@import|<\//, 'nothing is fetched for it')
})

test('what is broken is sent, and sent again', async t => {
  const failures = new Failures()
  const id = () => writeOverlay(failures, 'e1', CLIENT)?.id
  t.equal(id(), undefined)
  failures.add({ state: 'started', name: 'a' })
  failures.add({ state: 'ok', name: 'a' })
  t.equal(id(), undefined, 'nothing ever was')
  failures.add({ state: 'failed', name: 'a', diagnostics: [ERROR] })
  const first = id()
  t.match(first, /^e1\.0\.[\w-]{16}$/)
  failures.add({ state: 'started', name: 'a' })
  failures.add({ state: 'progress', name: 'a' })
  failures.add({ state: 'failed', name: 'a', diagnostics: [ERROR] })
  t.equal(id(), first, 'the same')
  failures.add({ state: 'failed', name: 'a', diagnostics: [{ ...ERROR, line: 3 }] })
  t.not(id(), first)
  failures.add({ state: 'failed', name: 'b' })
  failures.add({ state: 'ok', name: 'a' })
  t.match(id(), /^e1\.0\./, 'something is broken still')
  t.same(failures.list(), [{ name: 'b', diagnostics: [] }])
  failures.add({ state: 'ok', name: 'b' })
  t.equal(id(), undefined)
  failures.add({ state: 'failed', name: 'a', diagnostics: [ERROR] })
  t.equal(id(), first?.replace('.0.', '.1.'), 'the same after it was good is another')
  const [close, minimise] = [...find(writeOverlay(failures, 'e1', CLIENT)?.view as OverlayTree, 'tool')].reverse().map(([, attributes]) => attributes['data-away'])
  t.equal(close, id())
  t.equal(minimise, 'e1.1.')
})

test('the route says what is broken as JSON that hooks of the app do not change', async t => {
  const { at } = folder(t)
  const app = Fastify()
  t.teardown(() => app.close())
  app.addHook('preSerialization', async () => ({ theirs: true }))
  let ok = true
  await app.register(liveReload, { build: { source: at('src'), builder: () => ({ ok, diagnostics: ok ? [] : [ERROR] }) } })
  await app.ready()
  await app.liveReload.ready
  t.match(await app.inject('/__live/overlay'), { statusCode: 200, body: 'null', headers: { 'content-type': 'application/json; charset=utf-8' } })
  ok = false
  await app.liveReload.build()
  t.match((await app.inject('/__live/overlay')).json(), { id: new RegExp(`^${app.liveReload.epoch}\\.0\\.`), css: STYLE, view: ['div'] })
})
