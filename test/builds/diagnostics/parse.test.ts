import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import type { Diagnostic } from '../../../types/build.js'
import { MAX_DIAGNOSTICS, parseOutput } from '../../../lib/builds/diagnostics/parse-output.js'
import { finish } from '../../../lib/builds/diagnostics/report.js'
import { clean, stripTerminal } from '../../../lib/shared/text.js'
import { cutFrame, withFrame } from '../../../lib/builds/diagnostics/frame.js'
import { locate } from '../../../lib/builds/diagnostics/location.js'
import { createRedact } from '../../../lib/shared/redact.js'
import { folder } from '../../support/folder.js'

test('what a terminal would show, as text', async t => {
  const cases: [string, string][] = [
    ['\x1b[31mred\x1b[0m \x1b[38;5;200mx\x1b[39m', 'red x'],
    ['\x1b]8;;http://x\x07link\x1b]8;;\x07', 'link'],
    ['\x1b]0;title\x1b\\text', 'text'],
    ['10%\r50%\r100%\ndone\r\n', '100%\ndone\n'],
    ['a\x00b\x07c\td', 'abc\td'],
    ['\x1b[2K\x1b[1Gline', 'line'],
    ['end\r', 'end'],
    ['10%\rend\r\r\r\nmore\r\r', 'end\nmore'],
    ['\r\r\n', '\n']
  ]
  for (const [input, expected] of cases) t.equal(stripTerminal(input), expected, JSON.stringify(input))
})

test('long lines take no longer than short ones', async t => {
  const { text: hide } = createRedact({})
  const size = 60_000
  const of = (text: string) => text.repeat(size / text.length)
  const cases: [string, (text: string) => unknown, string][] = [
    ['a bundle', stripTerminal, of('(function(){var a=b.c,d=e(f);return g})();')],
    ['carriage returns', stripTerminal, `${of('\r')}x`],
    ['titles that never end', clean, of('\u009d')],
    ['links that never end', stripTerminal, of('\x1b]8;;')],
    ['tokens', hide, of('token-')],
    ['tokens as flags', hide, of('token--')],
    ['dashes', hide, of('-')],
    ['base64url', hide, of('aZ09_-bY18-_')],
    ['hosts', hide, of('a.b.c-d.')],
    ['something like frames', locate, `Error: x\n    at ${of(' (/')}`]
  ]
  const ordinary = of('page 12 of 40 is built\n')
  const quickest = (run: (text: string) => unknown, text: string) => Math.min(...[1, 2, 3].map(() => {
    const start = performance.now()
    run(text)
    return performance.now() - start
  }))
  for (const [name, run, text] of cases) {
    // Those that look again from every place take thousands of times as long.
    const times = quickest(run, text) / Math.max(0.5, quickest(stripTerminal, ordinary), quickest(hide, ordinary))
    t.ok(times < 200, `${name}: ${times.toFixed(1)} times as long`)
  }
})

const outputs: [name: string, text: string, expected: Partial<Diagnostic>[]][] = [
  ['tsc', 'src/a.ts(3,7): error TS2322: Type A.\n  more\nsrc/b c.ts(1,1): warning TS1: W.', [{ severity: 'error', message: 'TS2322: Type A.', file: 'src/a.ts', line: 3, column: 7 }, { severity: 'warning', file: 'src/b c.ts' }]],
  ['tsc pretty', '\x1b[96msrc/a.ts\x1b[0m:\x1b[93m3\x1b[0m:\x1b[93m7\x1b[0m - \x1b[91merror\x1b[0m\x1b[90m TS2322: \x1b[0mType A.\n\n3 let a\n  ~~~\n\nFound 1 error in src/a.ts:3\n', [{ message: 'TS2322: Type A.', file: 'src/a.ts', line: 3, column: 7 }]],
  ['esbuild', '✘ [ERROR] Could not resolve "x"\n\n    src/a.js:1:7:\n      1 │ import "x"\n        ╵        ~~~\n\n1 error', [{ severity: 'error', message: 'Could not resolve "x"', file: 'src/a.js', line: 1, column: 8 }]],
  ['esbuild warning without a place', '▲ [WARNING] hm [ignored]\n\n', [{ severity: 'warning', message: 'hm [ignored]' }]],
  ['gcc', 'main.c:4:2: fatal error: x.h: No such file\nmain.c:5:1: warning: unused', [{ severity: 'error', message: 'x.h: No such file', line: 4, column: 2 }, { severity: 'warning', message: 'unused' }]],
  ['esbuild thrown', 'src/x.ts:1:2: ERROR: Unexpected', [{ severity: 'error', message: 'Unexpected', file: 'src/x.ts' }]],
  ['generic', './a.md:2:3: something', [{ severity: 'error', message: 'something', file: './a.md', line: 2, column: 3 }]],
  ['windows', 'C:\\x\\a.ts:2:3: error: no', [{ file: 'C:\\x\\a.ts', line: 2, column: 3, message: 'no' }]],
  ['node', '/p/a.js:3\n  x.y\n    ^\n\nTypeError: no y\n    at f (/p/a.js:3:5)\n    at node:internal/x:1:1\n\nNode.js v20', [{ message: 'TypeError: no y', file: '/p/a.js', line: 3, column: 5 }]],
  ['node syntax', 'file:///p/a%20b.js:2\nconst = 1\n      ^\n\nSyntaxError: Unexpected\n    at compile (node:internal/x:1:1)\n', [{ message: 'SyntaxError: Unexpected', file: '/p/a b.js', line: 2 }]],
  ['node, two lines of message', 'Error: one\ntwo\n    at /p/a.js:1:1\n', [{ message: 'one', file: '/p/a.js', line: 1 }]],
  ['node cause', 'Error [ERR_X]: a\n    at /p/a.js:1:1\n    ... 4 lines matching cause stack trace ...\n    at /p/b.js:1:1 {\n  [cause]: Error: disk\n}', [{ message: 'a (disk)' }]],
  ['node, at the end', 'RangeError: r\n    at /p/a.js:1:1', [{ message: 'RangeError: r' }]],
  ['an error without a stack', 'Error: no\nmore\n', []],
  ['a path that is no header', '/p/a.js:3\nnothing\n', []],
  ['urls, times, prose', 'http://localhost:3000\n12:30:45: started\nsee docs:1:1 x\nok', []],
  ['repeated', 'a.c:1:1: error: x\na.c:1:1: error: x\n', [{ message: 'x' }]],
  ['a long line', `a.c:1:1: error: ${'x'.repeat(5000)}\n`, []]
]

test('what builders print', async t => {
  for (const [name, text, expected] of outputs) {
    const found = parseOutput(text)
    t.match(found, expected, name)
    t.equal(found.length, expected.length, name)
  }
  t.equal(parseOutput(Array.from({ length: 200 }, (_, i) => `a.c:${i + 1}:1: error: x`).join('\n')).length, MAX_DIAGNOSTICS)
})

test('the first own place of a stack', async t => {
  const cases: [string, object][] = [
    ['Error: x\n    at node:internal/a:1:1\n    at f (/p/node_modules/m/i.js:1:1)\n    at async g (file:///p/a.js?v=1:2:3)', { file: '/p/a.js', line: 2, column: 3 }],
    ['Error: x\n    at f (/p/node_modules/m/i.js:4:5)', { file: '/p/node_modules/m/i.js', line: 4, column: 5 }],
    ['Error: x\n    at async /p/a (b)/c.js:1:2', { file: '/p/a (b)/c.js', line: 1, column: 2 }],
    ['Error: x\n    at new F (C:\\a\\b.js:1:2)', { file: 'C:\\a\\b.js', line: 1, column: 2 }],
    ['Error: x\n    at f (file://host/p/a.js:1:2)', {}],
    ['Error: x\n    at node:internal/modules/esm/utils:1:1', {}],
    ['/p/a.js:7\nx\n\nSyntaxError: y', { file: '/p/a.js', line: 7 }]
  ]
  for (const [stack, expected] of cases) t.match(locate(stack), expected, stack)
  t.strictSame(locate('nothing'), {})
})

test('code frames', async t => {
  const source = 'one\ntwo\nthree\tx\r\nfour\nfive\nsix'
  t.equal(cutFrame(source, 3, 2), '  1 | one\n  2 | two\n> 3 | three x\n    |  ^\n  4 | four\n  5 | five')
  t.equal(cutFrame(source, 6), '  4 | four\n  5 | five\n> 6 | six')
  for (const line of [0, -1, 1.5, 7, NaN]) t.equal(cutFrame(source, line), undefined, String(line))
  const long = cutFrame(`${'a'.repeat(1000)}X${'b'.repeat(1000)}`, 1, 1001) as string
  t.ok(long.length < 400)
  const [code = '', caret = ''] = long.split('\n')
  t.equal(code[caret.indexOf('^')], 'X', 'the caret is below the place')
  t.equal(cutFrame('x', 1, 0), '> 1 | x')
})

test('frames only from inside of the project', async t => {
  const at = folder(t, { 'project/a.ts': 'a\nb\n', 'project/dir/x': '', 'secret.txt': 'secret\n' })
  const cwd = at.at('project')
  symlinkSync(at.at('secret.txt'), join(cwd, 'link.ts'))
  const d = (file: string, line?: number): Diagnostic => ({ severity: 'error', message: 'x', file, ...(line !== undefined && { line }) })
  t.match(await withFrame(d('a.ts', 2), cwd), { file: join(cwd, 'a.ts'), frame: /> 2 \| b/ })
  for (const [name, diagnostic] of Object.entries({
    outside: d('../secret.txt', 1), absolute: d(at.at('secret.txt'), 1), link: d('link.ts', 1), missing: d('nope.ts', 1), directory: d('dir', 1), 'past the end': d('a.ts', 99), 'no line': d('a.ts')
  })) {
    const framed = await withFrame(diagnostic, cwd)
    t.notOk('frame' in framed, name)
    t.equal(framed.file, join(cwd, diagnostic.file as string).startsWith(at.path) && !diagnostic.file?.startsWith('/') ? join(cwd, diagnostic.file as string) : diagnostic.file, name)
  }
  t.strictSame(await withFrame(d('a\0b', 1), cwd), d('a\0b', 1))
  t.match(await withFrame({ ...d('a.ts', 1), frame: 'mine' }, cwd), { frame: 'mine' })
  t.strictSame(await withFrame({ severity: 'error', message: 'x' }, cwd), { severity: 'error', message: 'x' })
  mkdirSync(join(cwd, 'big'))
  writeFileSync(join(cwd, 'big/a.js'), 'x'.repeat(3_000_000))
  chmodSync(join(cwd, 'big/a.js'), 0o600)
  t.ok(((await withFrame(d('big/a.js', 1), cwd)).frame as string).length < 300)
})

test('few enough, and short enough', async t => {
  const many = Array.from({ length: 70 }, (_, i): Diagnostic => ({ severity: i === 60 ? 'error' : 'warning', message: 'x'.repeat(10_000) }))
  const kept = await finish(many, '/')
  t.equal(kept.length, MAX_DIAGNOSTICS + 1)
  t.match(kept.at(-1), { severity: 'error', message: 'and 20 more' })
  t.ok((kept[0]?.message.length as number) < 9_000)
  t.match((await finish(many.slice(0, 55), '/')).at(-1), { severity: 'warning' })
})
