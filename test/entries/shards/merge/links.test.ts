import { test } from 'tap'
import { mergeLinks } from '../../../../lib/entries/shards/merge/links.js'
import { merged, result } from './merging.js'

const files = ['index.html', 'guide/index.html', 'guide/install.html', 'guide/install.json', 'logo.svg', 'a b/ü.html']

async function dead (t: Parameters<typeof merged>[0], from: string, to: readonly string[], baseUrl = 'https://example.com') {
  const { warnings } = await merged(t, mergeLinks({ baseUrl }), [result('a', { renderedPages: files }), result('b', { links: [[from, to]] })])
  return warnings.map(text => /there is no (.*) to link to/.exec(text)?.[1])
}

test('pages and files are found as a server finds them', async t => {
  const fine = ['/', '/index.html', '/guide/', '/guide', '/guide/index.html', '/guide/install', '/guide/install.html', '/guide/install.json', '/logo.svg', '/a b/ü', '/a%20b/%C3%BC.html',
    '/guide/?x=1', '/guide/install#part', '/guide/install.html?x#y', '#here', '?x=1', '', ' /guide/ ']
  t.strictSame(await dead(t, '/', fine), [])
  t.strictSame(await dead(t, '/', ['/guide/instal', '/guide/install/', '/Guide/', '/logo', '/%zz', '/nope?x=/guide/']), ['/%zz', '/Guide/', '/guide/instal', '/guide/install/', '/logo', '/nope'])
})

test('a relative link begins at its page', async t => {
  t.strictSame(await dead(t, '/guide/install', ['.', './', 'install', './install.html#x', '../logo.svg', '..', '../guide/', '../../../logo.svg']), [])
  t.strictSame(await dead(t, '/guide/', ['install', '../', '..']), [])
  t.strictSame(await dead(t, '/guide/', ['logo.svg', 'guide/', './x/../y']), ['/guide/guide/', '/guide/logo.svg', '/guide/y'])
  t.strictSame(await dead(t, 'https://example.com/guide/', ['install', 'x']), ['/guide/x'], 'a page may be named by its whole address')
  t.strictSame(await dead(t, 'https://other.example/guide/', ['/x']), ['/x'], 'even by one of another site')
})

test('other sites are left alone, and whole addresses of this one are not', async t => {
  t.strictSame(await dead(t, '/', ['https://other.example/x', '//other.example/x', 'mailto:a@example.com', 'data:,x', 'javascript:void 0', 'http://example.com/x', 'https://[bad']), [])
  t.strictSame(await dead(t, '/', ['https://example.com/x', '//example.com/y', 'https://example.com/guide/']), ['/x', '/y'])
})

test('a site below a path knows its addresses with and without it', async t => {
  const base = 'https://example.com/my%20docs/'
  t.strictSame(await dead(t, '/guide/', ['/my docs/guide/', '/my%20docs', '/guide/', '../logo.svg', 'https://example.com/my%20docs/guide/install', 'https://example.com/other/'], base), [])
  t.strictSame(await dead(t, '/guide/', ['/my docs/x', '/y', 'https://example.com/my%20docs/z'], base), ['/x', '/y', '/z'])
})

test('a target is one warning that names pages, and many are counted', async t => {
  const links = Array.from({ length: 7 }, (_, i) => [`/${9 - i}`, ['/gone', '/gone#again', ...i === 0 ? ['/also'] : []]] as const)
  const one = await merged(t, mergeLinks({ baseUrl: 'http://localhost' }), [result('a', { links: links.slice(0, 4) }), result('b', { links: links.slice(4) })])
  t.strictSame(one.warnings, [
    'warning: there is no /also to link to, as /9 does',
    'warning: there is no /gone to link to, as /3, /4, /5 and 4 more do'
  ])
  const many = [result('a', { links: [['/', Array.from({ length: 50 }, (_, i) => `/${100 + i}`)]] })]
  const usual = await merged(t, mergeLinks({ baseUrl: 'http://localhost' }), many)
  t.equal(usual.warnings.length, 21)
  t.equal(usual.warnings.at(-1), 'warning: 30 more addresses are linked to that are not there')
  const few = await merged(t, mergeLinks({ baseUrl: 'http://localhost', max: 2 }), many)
  t.equal(few.warnings.length, 3)
})

test('what pages give as their address is there, whatever its file', async t => {
  const { warnings } = await merged(t, mergeLinks({ baseUrl: 'http://localhost' }), [result('a', { sitemapEntries: [{ url: '/from-map' }], links: [['/from-links', ['/from-map', '/from-links']]] })])
  t.strictSame(warnings, [])
})

test('`ignore` gets the target and the page', async t => {
  const asked: string[][] = []
  const ignore = (...given: string[]) => asked.push(given) > 0
  const { warnings } = await merged(t, mergeLinks({ baseUrl: 'http://localhost', ignore }), [result('a', { renderedPages: files, links: [['/guide/', ['../api/?x', '/logo.svg']]] })])
  t.strictSame(warnings, [])
  t.strictSame(asked, [['/api/', '/guide/']])
})

test('a wrong option is named', t => {
  for (const [name, value] of Object.entries({ ignore: '/api', max: 0, baseUrl: 'x' })) {
    t.throws(() => mergeLinks({ baseUrl: 'http://localhost', [name]: value } as never), { code: 'FST_LIVE_RELOAD_INVALID_OPTION', message: `\`mergeLinks.${name}\` must be` }, name)
  }
  t.end()
})
