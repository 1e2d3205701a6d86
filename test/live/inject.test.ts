// Nothing keeps the process of an app that does not listen: tests of apps inject requests, and seldom close.
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { test } from 'tap'
import { folder } from '../support/folder.js'

const CHILD = fileURLToPath(new URL('./inject-child.js', import.meta.url)).replace(/js$/, 'ts')
const expected: Record<string, RegExp> = {
  register: /registered/,
  inject: /client\.js.*built/,
  builds: /^\[true,true,"polling"\]$/,
  watch: /changed/
}

for (const [situation, output] of Object.entries(expected)) {
  test(`an app that does not listen lets its process end: ${situation}`, async t => {
    const f = folder(t, { 'src/a.md': 'a', 'views/page.ejs': 'a', 'dist/x': '' })
    f.write('build.mjs', `import { writeFileSync } from 'node:fs'\nexport default () => { writeFileSync(${JSON.stringify(f.at('module'))}, '') }\n`)
    const { stdout } = await promisify(execFile)(process.execPath, [...process.execArgv, CHILD, situation, f.path], { timeout: 60_000, killSignal: 'SIGKILL' })
    t.match(stdout, output)
  })
}
