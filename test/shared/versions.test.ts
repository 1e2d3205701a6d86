import { test } from 'tap'
import { versionOf } from '../../lib/shared/versions.js'
import { folder } from '../support/folder.js'

test('the version of a package, as Node finds it', t => {
  const pack = (version: unknown, more = {}) => JSON.stringify({ version, main: 'index.js', ...more })
  const { at } = folder(t, {
    'node_modules/above/package.json': pack('1.0.0'),
    'app/node_modules/a/package.json': pack('2.0.0'),
    'app/node_modules/a/index.js': '',
    'app/node_modules/a/node_modules/above/package.json': pack('1.5.0'),
    'app/node_modules/hidden/package.json': pack('3.0.0', { exports: './index.js' }),
    'app/node_modules/hidden/index.js': '',
    'app/node_modules/odd/package.json': pack(4),
    'app/node_modules/cut/package.json': '{'
  })
  const from = at('app/index.js')
  t.equal(versionOf('a', from), '2.0.0')
  t.equal(versionOf('above', from), '1.0.0', 'in a directory above')
  t.equal(versionOf('above', from, 'a'), '1.5.0', 'of the package that uses it')
  t.equal(versionOf('hidden', from), '3.0.0', 'its exports do not list package.json')
  for (const name of ['odd', 'cut', 'none']) t.equal(versionOf(name, from), undefined, name)
  t.equal(versionOf('a', from, 'none'), undefined)
  t.end()
})

test('the version of a package changes when another is installed', t => {
  const { at, write } = folder(t, { 'node_modules/a/package.json': '{"version":"1.0.0"}' })
  t.equal(versionOf('a', at('index.js')), '1.0.0')
  write('node_modules/a/package.json', '{"version":"1.0.1"}')
  t.equal(versionOf('a', at('index.js')), '1.0.1')
  t.end()
})
