import { basename, join } from 'node:path'
import { test } from 'tap'
import { parseOptions } from '../../lib/options/parse.js'
import type { Renamed } from '../../lib/classify/documents.js'
import { createChangeClassifier, type SourcedChange } from '../../lib/classify/classify.js'
import type { LiveReloadOptions } from '../../types/options.js'

const CWD = join('/', 'project')
/** By their names: what went out, and what of it is new. */
const FORMS: Record<string, readonly Renamed[] | 'unused'> = {
  'same.html': [['css/a-11111111.css', 'css/a-22222222.css']],
  'twice.html': [['/ä-11111111.css?v', '/a-22222222.css'], ['//other/%zz.css', '//other/%zz1.css'], ['//[', '//[1']],
  'other.html': [['css/a-11111111.css', 'css/a-33333333.css']],
  'next.html': [['css/a-22222222.css', 'css/a-33333333.css']],
  'back.html': [],
  'unused.html': 'unused',
  'unused.json': 'unused',
  'unused2.html': 'unused'
}
const documentsOf = (forgotten: string[] = []) => ({ compare: (path: string) => FORMS[basename(path).replace(/^same\d+/, 'same')] ?? 'changed' as const, isHidden: (path: string) => basename(path) === 'worklet.js', forget: (path: string) => { forgotten.push(basename(path)) } })
const classifierOf = (client: LiveReloadOptions['client'] = {}, mount = '', forgotten?: string[]) =>
  createChangeClassifier(parseOptions({ root: ['public', { path: 'public/docs', prefix: '/d/' }], watch: ['views', 'brand.css'], client }, CWD, {}), mount, documentsOf(forgotten))

/** `+` is made, `-` is gone, `w:` is seen by the watch of what the app reads. */
function changesOf (text: string): SourcedChange[] {
  return text.split(' ').map(word => {
    const [, watch, sign, path] = /^(w:)?([+-])?(.*)$/.exec(word) as unknown as [string, string?, string?, string?]
    return { source: watch ? 'watch' : 'output', type: sign === '+' ? 'create' : sign === '-' ? 'delete' : 'update', path: join(CWD, ...(path as string).split('/')) }
  })
}

const rows: readonly (readonly [what: string, changes: string, expected: string, client?: LiveReloadOptions['client'], mount?: string])[] = [
  ['a sheet', 'public/css/a.css', 'update css:/css/a.css'],
  ['an image, in capitals', 'public/A.PNG', 'update image:/A.PNG'],
  ['a font', 'public/a.woff2', 'update css:/a.woff2'],
  ['sheets and images', 'public/a.css public/b.svg', 'update css:/a.css image:/b.svg'],
  ['names that need encoding', 'public/ä%b/c&d.css', 'update css:/%C3%A4%25b/c%26d.css'],
  ['a file that two roots serve', 'public/docs/a.css', 'update css:/docs/a.css css:/d/a.css'],
  ['in a scope with a prefix', 'public/a.css', 'update css:/site/a.css', {}, '/site'],
  ['a new sheet', '+public/a.css', 'update css:/a.css'],
  ['a page', 'public/index.html', 'reload /index.html'],
  ['a page and a sheet', 'public/index.html public/a.css', 'reload /index.html /a.css'],
  ['a script', 'public/app.js', 'reload /app.js'],
  ['a script of a worklet', 'public/app.js public/worklet.js', 'reload'],
  ['the gravest decides', 'public/a.css public/app.js', 'reload /a.css /app.js'],
  ['a source map says nothing by itself', 'public/a.css public/a.css.map', 'update css:/a.css'],
  ['a script and its map', 'public/app.js public/app.js.map', 'reload /app.js'],
  ['compressed copies', 'public/a.css.gz public/a.css.br', 'update css:/a.css'],
  ['a compressed copy that is gone', 'public/a.css -public/a.css.gz', 'update css:/a.css'],
  ['a sheet that is gone', '-public/a.css', 'reload /a.css'],
  ['a sheet that gives way to another', '-public/a.1234abcd.css +public/a.5678efab.css', 'update css:/a.5678efab.css'],
  ['css: false', 'public/a.css', 'reload /a.css', { css: false }],
  ['images: false', 'public/a.png', 'reload /a.png', { images: false }],
  ['images: false is about images', 'public/a.css', 'update css:/a.css', { images: false }],
  ["scope: 'all'", 'public/app.js', 'reload', { scope: 'all' }],
  ["scope: 'all' is about reloads", 'public/a.css', 'update css:/a.css', { scope: 'all' }],
  ['a page that is new may take the place of another', '+public/new.html', 'reload'],
  ['what the app reads itself', 'w:views/page.ejs', 'reload'],
  ['the same with a page', 'w:views/page.html', 'reload'],
  ['the same with a sheet: how its address ends', 'w:views/css/a.css', 'update css:css/a.css'],
  ['the same with a sheet below a root', 'w:public/a.css', 'update css:/a.css'],
  ['the same with a file that is watched by its name', 'w:brand.css', 'update css:brand.css'],
  ['the same with a sheet and a script', 'w:views/css/a.css public/app.js', 'reload'],
  ['morph: a page', 'public/index.html', 'update html:/index.html', { morph: true }],
  ['morph: a page and a sheet', 'public/index.html public/a.css', 'update html:/index.html css:/a.css', { morph: true }],
  ['morph: a page and a script', 'public/index.html public/app.js', 'reload /index.html /app.js', { morph: true }],
  ['morph: a new page', '+public/new.html', 'reload', { morph: true }],
  ['morph: a page that is gone', '-public/old.html', 'reload /old.html', { morph: true }],
  ['morph: what the app reads itself', 'w:views/page.ejs w:views/part/x.HBS', 'update html:page.ejs html:part/x.HBS', { morph: true }],
  ['morph: what the app reads itself, and a sheet', 'w:views/page.html public/a.css', 'update html:page.html css:/a.css', { morph: true }],
  ['morph: a template that is new', 'w:+views/page.ejs', 'reload', { morph: true }],
  ['morph: data that the app reads itself', 'w:views/data.json', 'reload', { morph: true }],
  ['morph: a template that is served as a file', 'public/page.ejs', 'reload /page.ejs', { morph: true }],
  ['a source map that goes before its sheet', '-public/a.1234abcd.css -public/a.1234abcd.css.map +public/a.5678efab.css', 'update css:/a.5678efab.css'],
  ['a page that names its sheet anew', 'public/same.html -public/css/a-11111111.css +public/css/a-22222222.css', 'update css:/css/a-11111111.css>/css/a-22222222.css names:/same.html css:/css/a-22222222.css'],
  ['a page that names its sheet anew, and the sheet was there', 'public/docs/same.html', 'update css:/docs/css/a-11111111.css>/docs/css/a-22222222.css css:/d/css/a-11111111.css>/d/css/a-22222222.css names:/docs/same.html names:/d/same.html'],
  ['a page that names its sheet anew, in a scope with a prefix', 'public/twice.html', 'update css:/%C3%A4-11111111.css>/a-22222222.css names:/site/twice.html', {}, '/site'],
  ['two pages with one name before and two now', 'public/same.html public/other.html', 'reload /same.html /other.html'],
  ['two pages, one of which has now what the other one had', 'public/same.html public/next.html', 'reload /same.html /next.html'],
  ['two pages with two names before and one now', 'public/other.html public/next.html', 'update css:/css/a-11111111.css>/css/a-33333333.css css:/css/a-22222222.css>/css/a-33333333.css names:/other.html names:/next.html'],
  ['a page that has changed back', 'public/back.html', 'reload /back.html'],
  ['a page that has changed back, and a sheet', 'public/back.html public/a.css', 'update names:/back.html css:/a.css'],
  ['a compressed copy of such a page', 'public/same.html public/same.html.br', 'update css:/css/a-11111111.css>/css/a-22222222.css names:/same.html'],
  ['such a page, made or gone', 'public/same.html +public/back.html', 'reload'],
  ['such a page that is gone', 'public/a.css -public/same.html', 'reload /a.css /same.html'],
  ['such a page and another', 'public/same.html public/index.html', 'reload /same.html /index.html'],
  ['such a page and a script', 'public/app.js public/same.html', 'reload /app.js /same.html'],
  ['such a page that the app reads', 'w:views/same.html public/a.css', 'reload'],
  ['such a page, css: false', 'public/same.html', 'reload /same.html', { css: false }],
  ['such a page, morph', 'public/same.html public/a.css', 'update html:/same.html css:/a.css', { morph: true }],
  ["such a page, scope: 'all'", 'public/same.html', 'update css:/css/a-11111111.css>/css/a-22222222.css names:/same.html', { scope: 'all' }],
  ['of unused documents one is enough', 'public/unused.html public/a.css public/unused.json public/unused2.html', 'update names:/unused.html css:/a.css'],
  ['what nobody was given, made', 'public/a.css +public/unused.json', 'reload /a.css /unused.json'],
  ['nothing but what nobody was given', 'public/unused.json', 'reload /unused.json'],
  ['data that somebody was given', 'public/a.css public/used.json', 'reload /a.css /used.json'],
  ['data nobody was given, morph', 'public/a.css public/unused.json', 'update css:/a.css names:/unused.json', { morph: true }],
  ['more such pages than a page wants to know', Array.from({ length: 52 }, (_, i) => `public/same${i}.html`).join(' '), 'reload'],
  ['more pages than that, which nobody was given', ['public/a.css', ...Array.from({ length: 60 }, (_, i) => `public/${i}/unused.html`)].join(' '), 'update css:/a.css names:/0/unused.html'],
  ['more than a page wants to know', Array.from({ length: 51 }, (_, i) => `public/${i}.css`).join(' '), 'reload']
]

for (const [what, changes, expected, client, mount] of rows) {
  test(what, t => {
    const result = classifierOf(client, mount)(changesOf(changes))
    const said = result.type === 'update' ? result.updates.map(({ kind, path, was }) => `${kind}:${was ? `${was}>` : ''}${path}`) : result.files ?? []
    t.equal([result.type, ...said].join(' '), expected)
    t.end()
  })
}

test('documents that reload are forgotten, documents that are updated are not', t => {
  const forgotten: string[] = []
  const classify = classifierOf({}, '', forgotten)
  classify(changesOf('public/same.html public/a.css'))
  t.same(forgotten, [])
  classify(changesOf('public/same.html.gz public/app.js'))
  t.same(forgotten, ['same.html', 'app.js'])
  t.end()
})

/** Two rendered pages that say what they were made from. */
const NAMED: Record<string, readonly string[]> = { 'a.ejs': ['page-a'], 'shared.ejs': ['page-a', 'page-b'], 'inlined.css': ['page-b'], 'data.json': ['page-a'] }
const pages = { of: (path: string) => NAMED[basename(path)], all: () => ['page-a', 'page-b'] }
const namedRows: readonly (readonly [what: string, changes: string, expected: string, client?: LiveReloadOptions['client']])[] = [
  ['of one page', 'w:views/a.ejs', 'reload page-a'],
  ['of both', 'w:views/shared.ejs', 'reload page-a page-b'],
  ['of a page and of both', 'w:views/a.ejs w:views/shared.ejs', 'reload page-a page-b'],
  ['what nobody names may be in any page', 'w:views/other.ejs', 'reload'],
  ['the same with what a page names', 'w:views/a.ejs w:views/other.ejs', 'reload'],
  ['data that one page names', 'w:views/data.json', 'reload data.json page-a'],
  ['what nobody names in a root may be in any rendered page', 'public/app.js', 'reload /app.js page-a page-b'],
  ['a style sheet that nobody names is in the pages that load it', 'public/a.css', 'update css:/a.css'],
  ['a style sheet that one page names is in its HTML, too', 'public/inlined.css', 'reload /inlined.css page-b'],
  ['a document that nobody was given', 'public/a.css public/unused.json', 'reload /a.css /unused.json page-a page-b'],
  ["scope: 'all'", 'w:views/a.ejs', 'reload', { scope: 'all' }],
  ['morph: of one page', 'w:views/a.ejs', 'update html:a.ejs html:page-a', { morph: true }],
  ['morph: what nobody names', 'w:views/other.ejs', 'update html:other.ejs html:page-a html:page-b', { morph: true }],
  ['morph: data that one page names', 'w:views/data.json', 'reload data.json page-a', { morph: true }]
]

for (const [what, changes, expected, client = {}] of namedRows) {
  test(`pages that name their files: ${what}`, t => {
    const classify = createChangeClassifier(parseOptions({ root: 'public', watch: 'views', client }, CWD, {}), '', documentsOf(), pages)
    const result = classify(changesOf(changes))
    const said = result.type === 'update' ? result.updates.map(({ kind, path }) => `${kind}:${path}`) : result.files ?? []
    t.equal([result.type, ...said].join(' '), expected)
    t.end()
  })
}
