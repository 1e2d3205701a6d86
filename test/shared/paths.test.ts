import { join, sep } from 'node:path'
import { pathToFileURL } from 'node:url'
import { test } from 'tap'
import { isWithin, shortenPath, shortenText, withSlashes } from '../../lib/shared/paths.js'

const APP = join(process.cwd(), 'app')

for (const [path, within, short] of [
  [APP, true, '.'],
  [join(APP, 'a.ts'), true, 'a.ts'],
  [join(APP, 'lib', 'a.ts'), true, 'lib/a.ts'],
  [join(APP, '..a'), true, '..a'],
  [`${APP}le`, false, `${APP}le`],
  [`${APP}${sep}..${sep}other`, false, `${APP}${sep}..${sep}other`],
  [process.cwd(), false, process.cwd()],
  [join(process.cwd(), 'other', 'a.ts'), false, join(process.cwd(), 'other', 'a.ts')]
] as const) {
  test(`${path} is ${within ? 'within' : 'outside of'} ${APP}`, t => {
    t.equal(isWithin(APP, path), within)
    t.equal(shortenPath(APP, path), short)
    t.end()
  })
}

test('everything is within the root of the file system', t => {
  t.equal(isWithin(sep, APP), true)
  t.equal(withSlashes(join('a', 'b')), 'a/b')
  t.end()
})

test('paths in a text are relative to the directory, whether written as paths or as URLs', t => {
  const file = join(APP, 'lib', 'a.ts')
  const other = join(process.cwd(), 'other', 'a.ts')
  t.equal(shortenText(APP, `at f (${file}:1:2)\nat g (${pathToFileURL(file).href}:3:4)\nat h (${other})`), `at f (${join('lib', 'a.ts')}:1:2)\nat g (lib/a.ts:3:4)\nat h (${other})`)
  const spaced = join(APP, 'my app')
  t.equal(shortenText(spaced, `at ${pathToFileURL(join(spaced, 'a.ts')).href}`), 'at a.ts', 'a URL escapes what a path does not')
  t.end()
})
