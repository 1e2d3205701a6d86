import { chmodSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import type { Diagnostic } from '../../../types/build.js'
import { MAX_DIAGNOSTICS, parseOutput } from '../../../lib/builds/diagnostics/parse-output.js'
import { finish } from '../../../lib/builds/diagnostics/report.js'
import { clean, stripTerminal } from '../../../lib/shared/text.js'
import { withFrame } from '../../../lib/builds/diagnostics/frame.js'
import { cutFrame } from '../../../lib/shared/sources/source-text.js'
import { locate } from '../../../lib/builds/diagnostics/location.js'
import { createRedact } from '../../../lib/shared/messages/redact.js'
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
  const parse = (text: string) => parseOutput(text, '/nowhere')
  const of = (text: string) => text.repeat(size / text.length)
  const names = Array.from({ length: size / 10 }, (_, i) => `${i}.c`)
  /** The last: what the system takes for it, which is not ours. */
  const cases: [name: string, run: (text: string) => unknown, text: string, system?: () => unknown][] = [
    ['a bundle', stripTerminal, of('(function(){var a=b.c,d=e(f);return g})();')],
    ['carriage returns', stripTerminal, `${of('\r')}x`],
    ['titles that never end', clean, of('\u009d')],
    ['links that never end', stripTerminal, of('\x1b]8;;')],
    ['tokens', hide, of('token-')],
    ['tokens as flags', hide, of('token--')],
    ['dashes', hide, of('-')],
    ['base64url', hide, of('aZ09_-bY18-_')],
    ['hosts', hide, of('a.b.c-d.')],
    ['something like frames', locate, `Error: x\n    at ${of(' (/')}`],
    ['places of files that are not there', parse, of('some/file.js:1:1: x\n')],
    ['places in one line', parse, of(':1:1')],
    ['words before places', parse, of('a b c d e f g:1:1 ')],
    ['words', parse, of('Error: a.b c.d\n')],
    ['labels', parse, of('[a] ')],
    ['spaces', parse, of(' ')],
    ['spaces after a row', parse, `a\n  1:1  error  ${of(' x')}`],
    ['capital letters', parse, of('ERRORX')],
    ['different files', parse, names.map(name => `${name}:1:1\n`).join(''), () => { for (const name of names) existsSync(`/nowhere/${name}`) }]
  ]
  const ordinary = of('page 12 of 40 is built\n')
  const quickest = (run: (text: string) => unknown, text: string) => Math.min(...[1, 2, 3].map(() => {
    const start = performance.now()
    run(text)
    return performance.now() - start
  }))
  for (const [name, run, text, system = () => {}] of cases) {
    // Those that look again from every place take thousands of times as long.
    const times = quickest(run, text) / Math.max(0.5, quickest(stripTerminal, ordinary), quickest(hide, ordinary), quickest(system, ''))
    t.ok(times < 200, `${name}: ${times.toFixed(1)} times as long`)
  }
})

const outputs: [name: string, text: string, expected: Partial<Diagnostic>[]][] = [
  ['tsc', 'src/a.ts(3,7): error TS2322: Type A.\n  more\nsrc/b c.ts(1,1): warning TS1: W.', [{ severity: 'error', message: 'TS2322: Type A.', file: 'src/a.ts', line: 3, column: 7 }, { severity: 'warning', message: 'TS1: W.', file: 'src/b c.ts' }]],
  ['esbuild warning without a place', '▲ [WARNING] hm [ignored]\n\n', [{ severity: 'warning', message: 'hm [ignored]' }]],
  ['gcc', 'main.c:4:2: fatal error: x.h: No such file\nmain.c:4:2: note: here\nmain.c:5:1: warning: unused', [{ severity: 'error', message: 'x.h: No such file', line: 4, column: 2 }, { severity: 'warning', message: 'unused' }]],
  ['esbuild thrown', 'src/a.ts:1:2: ERROR: Unexpected', [{ severity: 'error', message: 'Unexpected', file: 'src/a.ts', line: 1, column: 3 }]],
  ['generic', './a.md:2:3: something', [{ severity: 'error', message: 'something', file: 'a.md', line: 2, column: 3 }]],
  ['in quotes', 'Error: building "src/b c.ts:3:1": no such field', [{ message: 'building "src/b c.ts:3:1": no such field', file: 'src/b c.ts', line: 3, column: 1 }]],
  ['node, a message and its cause', 'Error [ERR_X]: a\nmore\n    at {project}/node_modules/m/i.js:1:1\n    ... 4 lines matching cause stack trace ...\n    at b ({project}/a.js:3:5) {\n  [cause]: Error: disk\n}', [{ message: 'a (disk)', file: 'a.js', line: 3, column: 5 }]],
  ['node, with its source above', '{project}/a.js:3\n  x.y\n    ^\n\nTypeError: no y\n    at f ({project}/a.js:3:5)\n    at node:internal/x:1:1\n\nNode.js v20', [{ message: 'TypeError: no y', file: 'a.js', line: 3, column: 5, stack: 'TypeError: no y\n    at f ({project}/a.js:3:5)\n    at node:internal/x:1:1' }]],
  ['node, a syntax error of an imported file', 'file://{project}/b%20c.js:2\nconst = 1\n      ^\n\nSyntaxError: Unexpected\n    at f ({project}/a.js:1:1)\n', [{ message: 'SyntaxError: Unexpected', file: 'b c.js', line: 2 }]],
  ['installed packages only', 'Error: no\n    at {project}/node_modules/m/i.js:4:5', [{ message: 'no', file: 'node_modules/m/i.js', line: 4, column: 5 }]],
  ['an own place before one of a package in a line', 'Error: no file a.js:3:5 for node_modules/m/i.js:4:5', [{ file: 'a.js', line: 3 }]],
  ['a deep stack', `    at {project}/a.js:1:1\nError: no\n${'    at {project}/node_modules/m/i.js:4:5\n'.repeat(60)}    at {project}/a.js:3:5`, [{ file: 'node_modules/m/i.js' }]],
  ['a warning and an error of one message', 'a.js:1:1: warning: x\na.js:1:1: error: x', [{ severity: 'warning' }, { severity: 'error' }]],
  ['own files first', 'Error: theirs\n    at {project}/node_modules/m/i.js:4:5\nError: ours\n    at {project}/a.js:3:5', [{ message: 'ours' }, { message: 'theirs' }]],
  ['a warning of Node', '(node:12) ExperimentalWarning: careful\n', [{ severity: 'warning', message: 'careful' }]],
  ['Astro: labels, a word in brackets, the place below', '[vite] [ERROR] [plugin x] could not read\n  File:\n    src/a.ts:3:7\n', [{ severity: 'error', message: '[plugin x] could not read', file: 'src/a.ts', line: 3, column: 7 }]],
  ['Jekyll', '  Liquid Exception: Liquid syntax error (line 7): Unknown tag in a.md', [{ message: 'Liquid Exception: Liquid syntax error (line 7): Unknown tag', file: 'a.md' }]],
  ['an error without a place', 'Error: no\nmore\n', [{ message: 'no' }]],
  ['a heading whose message never comes', 'ERROR in ./a.md 3:1-5\n', [{ message: 'ERROR in ./a.md 3:1-5', file: 'a.md', line: 3, column: 2 }]],
  ['a place without an error', '{project}/a.js:3\nnothing\n', []],
  ['urls, times, prose, counts', 'http://localhost:3000\n12:30:45: started\nsee docs:1:1 x\nok\nFound 2 errors in 2 files.\n3 errors\nno errors:\ndist/a.js 3 kB', []],
  ['repeated', 'a.js:1:1: error: x\nError: x\na.js:1:1: error: x\n', [{ message: 'x', file: 'a.js' }]],
  ['two in one place', 'a.js:1:1: error: x\na.js:1:1: error: y\n', [{ message: 'x' }, { message: 'y' }]],
  ['a long line is cut', `a.js:1:1: error: ${'x'.repeat(5000)}\n`, [{ message: 'x'.repeat(1983) }]],
  ['a name that no file can have', `Error: ${'a'.repeat(280)}:1:1\n`, [{ severity: 'error' }]],
  ['two errors of one file', 'Error: no title in a.md\nError: no date in a.md\n', [{ message: 'no title' }, { message: 'no date' }]],
  ['many words that are no files', `Error: ${'a.b '.repeat(30)}\n`, [{ severity: 'error' }]],
  ['names that are too long', `Error: ${'a/'.repeat(900)}:1:1`, [{ severity: 'error' }]]
]

test('what programs print', async t => {
  const files = ['src/a.ts', 'src/b c.ts', 'main.c', 'a.md', 'a.js', 'b c.js', 'node_modules/m/i.js', 'docs']
  const project = folder(t, Object.fromEntries(files.map(file => [file, ''])))
  const inProject = (text: string) => text.replaceAll('{project}', project.path)
  for (const [name, text, expected] of outputs) {
    const found = parseOutput(inProject(text), project.path)
    t.match(found, expected.map(({ stack, ...one }) => ({ ...one, ...one.file !== undefined && { file: join(project.path, one.file) }, ...stack !== undefined && { stack: inProject(stack) } })), name)
    t.equal(found.length, expected.length, name)
  }
  t.equal(parseOutput(Array.from({ length: 200 }, (_, i) => `a.js:${i + 1}:1: error: x`).join('\n'), project.path).length, MAX_DIAGNOSTICS)
})

test('the first own place of a stack', async t => {
  const cases: [string, object][] = [
    ['Error: x\n    at node:internal/a:1:1\n    at f (/p/node_modules/m/i.js:1:1)\n    at async g (file:///p/a.js?v=1:2:3)', { file: '/p/a.js', line: 2, column: 3 }],
    ['Error: x\n    at f (/p/node_modules/m/i.js:4:5)', { file: '/p/node_modules/m/i.js', line: 4, column: 5 }],
    ['Error: x\n    at async /p/a (b)/c.js:1:2', { file: '/p/a (b)/c.js', line: 1, column: 2 }],
    ['Error: x\n    at new F (C:\\a\\b.js:1:2)', { file: 'C:\\a\\b.js', line: 1, column: 2 }],
    ['Error: x\n    at f (file://host/p/a.js:1:2)', {}],
    ['Error: x\n    at node:internal/modules/esm/utils:1:1', {}],
    ['file://host/p/a.js:7\nx\n\nSyntaxError: y', {}],
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
