// Thousands of generated documents, cut at every byte: the same tree as before, and one script more.
import { type DefaultTreeAdapterTypes as Tree, parse } from 'parse5'
import { test } from 'tap'
import { Injector } from '../../lib/inject/body/injector.js'
import { insertText, type Injection } from '../../lib/inject/body/insert.js'
import { times } from '../support/times.js'

const DOCUMENTS = times(5_000, 50_000)
const TAG = '<script data-live-reload="e:0"></script>'

/** The same for the same seed (mulberry32). */
function dice (seed: number) {
  let state = seed
  const next = () => {
    state = (state + 0x6D2B79F5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  return {
    chance: (of: number) => next() < of,
    pick: <T>(list: readonly T[]): T => list[Math.floor(next() * list.length)] as T,
    upTo: (most: number) => Math.floor(next() * (most + 1))
  }
}

const BEFORE = ['', '', '\n', '<!-- a > b -->', '<!-->', '<!--->', '<!-- </head><body> --!>', '<?xml version="1.0"?>', '<!x>']
const DOCTYPES = ['<!doctype html>', '<!DOCTYPE html PUBLIC "-//W3C//DTD HTML 4.01//EN" "http://www.w3.org/TR/html4/strict.dtd">', '<!doctype>', '']
const ROOTS = ['<html>', '<HTML lang="en">', '<html data-a="</head>" b=\'<body>\' c=">">', '<html a=b\'c ="x" />', '<html a= "b"c=d>', '']
const HEADS = ['<head>', '<HEAD\n>', '<head data-x=">">', '<head a="b"/>', '']
const METAS = ['<meta charset="utf-8">', '<title>a </body> <b></title>', '<title>x</title>', '<style>a > b { } /* </body> <!-- */</style>', '<script>"</body>"; a < b</script>',
  '<script><!-- <script> </script></body> --> </script>', '<link rel="x" href=">">', '<base href="/">', '<meta name="a" content="<body>">', '<template><body></body></template>', '<noscript></body></noscript>', '  \n', '<!-- </html> -->']
const BODIES = ['<body>', '<BODY class="a">', '<body title="</body>">', '']
const PIECES = ['text ', 'a < b ', '<p>', '</p>', '<div class="a\'b" data-x=\'</body>\'>', '</div>', '<b><i>', '</b>', '<br/>', '</br>', '<!-- x --', '-->', '<!-- </body></html> -->', '<!-- a --!>',
  '<script>let a = "</body>"</script>', '<script><!--\n<script></script></body>\n--></script>', '<script>a<!--b</script>', '<style></body></style>', '<textarea></body></html></textarea>', '<xmp></body></xmp>', '<iframe></body></iframe>',
  '<noembed></body></noembed>', '<svg><style></body></style></svg>', '<svg><title></svg></title></svg>', '<svg><path d="M>"/><![CDATA[</body>]]></svg>', '<math><mi>x</mi></math>', '<svg><foreignObject><p>x</foreignObject></svg>', '<svg><p>',
  '<![CDATA[ > x', '<template><p></body></template>', '<table><tr><td>', '</td></tr></table>', '<ul><li>a<li>b</ul>', '<a href=x?a=1&b=2>', '</a>', '<?php ?>', '</>', '</ x>', '<a b = c =d "e>', '<1>', '&lt;body&gt;', '<pre>\n\n</pre>',
  '<input value=">">', '<h1 ">', '</body>', '</html>', '<body b>', '<html c>', '<head>', '<scripty></scripty>', '<form><form>', '<a/b=">">', '<a x="1"y="2"/z>', '\r\n', 'é', '\t']
const ENDS = ['</body></html>', '</BODY\n></HTML >\n', '</body>', '</html><!-- </body> -->', '</body><!-- x --></html>', '', '</body></html>\n<!-- </html> -->', '</bod', '<']
const LEFT_OPEN = ['<!-- </body>', '<script></body></html>', '<style></html>', '<textarea>', '<title>x', '<p title="</body>', '<template><p></body>', '<plaintext></body>', '<svg><g></body>', '<script><!-- <script></script></html>']

function write (seed: number): string {
  const { chance, pick, upTo } = dice(seed)
  const many = (list: readonly string[], most: number) => Array.from({ length: upTo(most) }, () => pick(list)).join('')
  return many(BEFORE, 2) + pick(DOCTYPES) + many(BEFORE, 1) + pick(ROOTS) + many(BEFORE, 1) + pick(HEADS) + many(METAS, 4) + (chance(0.6) ? '</head>' : '') +
    pick(BODIES) + many(PIECES, 12) + pick(chance(0.1) ? LEFT_OPEN : ENDS)
}

type Plain = string | [string, string, ...Plain[]]

/** A tree without what differs for a reason: our script, and how a text is cut into nodes. */
function plain (node: Tree.Node, count: () => void): Plain {
  if (node.nodeName === '#text') return (node as Tree.TextNode).value
  if (node.nodeName === '#comment') return ['#comment', (node as Tree.CommentNode).data]
  if (node.nodeName === '#documentType') return ['#doctype', JSON.stringify([(node as Tree.DocumentType).name, (node as Tree.DocumentType).publicId])]
  const children: Plain[] = []
  const { childNodes = [] } = node.nodeName === 'template' ? (node as Tree.Template).content : node as Tree.Element
  for (const child of childNodes) {
    if (child.nodeName === 'script' && (child as Tree.Element).attrs.some(({ name }) => name === 'data-live-reload')) {
      if ((child as Tree.Element).namespaceURI.endsWith('/xhtml')) count()
      continue
    }
    const made = plain(child, node.nodeName === 'template' ? () => {} : count)
    if (typeof made === 'string' && typeof children.at(-1) === 'string') children.push(`${String(children.pop())}${made}`)
    else children.push(made)
  }
  const { attrs = [], namespaceURI = '' } = node as Tree.Element
  return [node.nodeName, JSON.stringify([attrs.map(({ name, value }) => [name, value]), namespaceURI, (node as Tree.Document).mode]), ...children]
}

function look (html: string) {
  let scripts = 0
  const tree = JSON.stringify(plain(parse(html), () => { scripts++ }))
  return { tree, scripts }
}

/** One byte after the other. */
function drip (html: string, injection: Injection): { html: string, reason: string | undefined } {
  let reason: string | undefined
  const told = (given?: string) => { reason = given }
  const injector = new Injector(injection, { decided: told, failed: told })
  const bytes = Buffer.from(html)
  const out: Buffer[] = []
  for (let i = 0; i < bytes.length; i++) out.push(injector.push(bytes.subarray(i, i + 1), false))
  out.push(injector.push(Buffer.alloc(0), true))
  return { html: Buffer.concat(out).toString(), reason }
}

/** A comment without an end: no script can follow it, so it comes before, and the comment is a part of the head then. */
const isEndless = (rest: string) => rest.startsWith('<!--') && !/--!?>/.test(rest.slice(2))

for (const position of ['head', 'body'] as const) {
  test(`${position}: ${DOCUMENTS} documents`, async t => {
    const injection: Injection = { tag: TAG, position, navigation: true }
    const wrong: unknown[] = []
    let refused = 0
    for (let seed = 1; seed <= DOCUMENTS && wrong.length < 5; seed++) {
      const html = write(seed)
      const whole = insertText(html, injection)
      const pieces = drip(html, injection)
      const made = 'html' in whole ? whole.html : html
      if (pieces.html !== made) wrong.push({ seed, html, made, pieces: pieces.html })
      if ('reason' in whole) {
        refused++
        if (look(html + TAG).scripts !== 0) wrong.push({ seed, html, ...whole })
        continue
      }
      const [before, after] = [look(html), look(made)]
      const same = after.tree === before.tree || isEndless(made.slice(made.indexOf(TAG) + TAG.length))
      if (after.scripts !== 1 || !same) wrong.push({ seed, scripts: after.scripts, html, made, before: before.tree, after: after.tree })
    }
    t.strictSame(wrong, [])
    t.ok(refused < DOCUMENTS / 5, `${refused} take no script at their end`)
  })
}
