import { statSync, utimesSync } from 'node:fs'
import { test } from 'tap'
import { statFingerprint } from '../../lib/shared/fingerprint.js'
import { folder } from '../support/folder.js'

test('a fingerprint changes when the file is touched or replaced, and only then', t => {
  const f = folder(t, { 'a.txt': 'one' })
  const read = () => statFingerprint(statSync(f.at('a.txt')))
  const before = read()
  t.equal(read(), before)
  utimesSync(f.at('a.txt'), 1, 1)
  t.not(read(), before)
  t.end()
})
