import { test } from 'tap'
import { clean, printable } from '../../lib/shared/text.js'
import { sanitizeMessage } from '../../lib/shared/messages/sanitize.js'

const cases: [what: string, text: string, wanted: string][] = [
  ['nothing', '', ''],
  ['words, tabs and lines', 'a\tb\nc', 'a\tb\nc'],
  ['line ends of other systems', 'a\r\nb\rc', 'a\nb\nc'],
  ['colours', '\u001b[31mred\u001b[0m \u009b1mbold', 'red bold'],
  ['links', '\u001b]8;;javascript:x\u0007link\u001b]8;;\u0007 \u009d8;;x\u009clink', 'link link'],
  ['titles', '\u001b]0;title\u001b\\shown', 'shown'],
  ['short sequences', '\u001b(Ba\u001bMb', 'ab'],
  ['a sequence that never ends', 'a\u001b]0;title', 'a\u241b]0;title'],
  ['control characters', 'bell\u0007 nul\u0000 del\u007f', 'bell\u2407 nul\u2400 del\u2421'],
  ['what hides or turns text', '\u202eback \u200e\u2066\ufeff\u0085', '\ufffdback \ufffd\ufffd\ufffd\ufffd']
]
for (const [what, text, wanted] of cases) test(`clean: ${what}`, async t => t.equal(clean(text), wanted))

test('clean: no more than is wanted, with a word about the rest', async t => {
  t.equal(clean('abc', 3), 'abc')
  t.equal(clean('x'.repeat(1234), 2), 'xx\n… truncated: 1,234 characters in all')
})

test('every text of a diagnostic is clean before it leaves the server', async t => {
  const diagnostics = [{ severity: 'error', message: '\u001b[31mred', file: 'a\nb\u202e', frame: '> 1 | \u001b[1mx' }, { severity: 'error', message: 'x'.repeat(30_000) }] as const
  const sent = sanitizeMessage({ type: 'build', state: 'failed', name: 'docs', diagnostics }, '/app').diagnostics ?? []
  t.strictSame(sent[0], { severity: 'error', message: 'red', file: 'a\u240ab\ufffd', frame: '> 1 | x' })
  t.match(sent[1]?.message, /… truncated: 30,000 characters in all$/)
})

test('printable: one line without control or format characters, and not too long', async t => {
  t.equal(printable('a\u001b[31mb\r\n\u202e\u2028c'), 'a?[31mb????c')
  t.equal(printable('abcdef', 3), 'abc')
})
