// What happens when the binary of @parcel/watcher is not there (`npm ci --omit=optional`, or node_modules of another system), or may not be loaded.
import { test } from 'tap'
import { folder } from '../support/folder.js'
import { startChild } from './child-watch.js'

/** Makes Node's own resolution fail for some packages, in a process of its own. */
const HIDE = `
const Module = require('node:module')
const resolve = Module._resolveFilename
const hidden = new RegExp(process.env.TEST_HIDDEN_PACKAGES)
Module._resolveFilename = function (request, ...rest) {
  if (hidden.test(request)) request += '-is-not-installed'
  return resolve.call(this, request, ...rest)
}`

const BINARY = '^@parcel/watcher-|watcher\\.node$'

const rows: readonly (readonly [backend: string, hidden: string, reason: RegExp, warnings: number, flag?: string])[] = [
  ['auto', BINARY, /the package @parcel\/watcher-\w+-\w+(-\w+)? is not installed/, 1],
  ['native', '^detect-libc$', /the package @parcel\/watcher is not installed/, 1],
  ['auto', '^nothing$', /Node\.js may not load the package @parcel\/watcher, which is a native addon/, 1, ' --no-addons'],
  ['poll', '^@parcel/watcher', /polling was asked for/, 0]
]

// Side by side, for most of the time is that of starting a process.
test('where a package is missing', { jobs: rows.length }, t => {
  for (const [backend, hidden, reason, warnings, flag = ''] of rows) {
    t.test(`backend ${backend} without ${hidden}${flag}: polls, says why, and reports changes`, async t => {
      const f = folder(t, { 'hide.cjs': HIDE, 'www/page.html': 'one' })
      const env = { NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ''} --require ${f.at('hide.cjs')}${flag}`, TEST_HIDDEN_PACKAGES: hidden }
      const child = startChild(t, { root: f.at('www'), backend, env })
      const { status, lines = [] } = await child.ready()
      t.match(status, { state: 'polling', reason })
      t.strictSame(lines.map(({ level, text }) => [level, reason.test(text)]), Array.from({ length: warnings }, () => ['warn', true]))
      await child.reported(f.write('www/page.html', 'two'), 'two')
      t.equal(await child.end(), 0)
    })
  }
  t.end()
})
