import { symlinkSync } from 'node:fs'
import { test } from 'tap'
import { parseOptions } from '../../../lib/options/parse.js'
import { createFindScript } from '../../../lib/features/page-console/script-file.js'
import { folder } from '../../support/folder.js'

test('the file behind the path of a script, within roots only', async t => {
  const { at, path } = folder(t, { 'public/app.js': '', 'public/js/a b.js': '', 'public/.env': '', 'public/key.pem': '', 'secret.js': '', 'other/lib.js': '' })
  symlinkSync(at('secret.js'), at('public/link.js'))
  const { roots } = parseOptions({ root: [at('public'), { path: at('other'), prefix: '/lib/' }, { path: at('missing'), prefix: '/missing/' }] })
  const find = createFindScript(roots, '/app')
  const cases: [url: string, file: string | undefined][] = [
    ['/app/app.js', 'public/app.js'], ['/app/js/a%20b.js', 'public/js/a b.js'], ['/app/lib/lib.js', 'other/lib.js'],
    ['/app.js', undefined], ['/app/nothing.js', undefined], ['/app/missing/a.js', undefined], ['/app/js/', undefined], ['/app/', undefined], ['/elsewhere/app.js', undefined],
    ['/app/../secret.js', undefined], ['/app/..%2fsecret.js', undefined], ['/app/%2e%2e/secret.js', undefined], ['/app/js\\..\\..\\secret.js', undefined], ['/app/a\0.js', undefined], ['/app/%zz', undefined],
    ['/app/.env', undefined], ['/app/key.pem', undefined], ['/app/link.js', undefined]
  ]
  for (const [url, file] of cases) t.equal(await find(url), file === undefined ? undefined : at(file), encodeURI(url))
  t.equal(await createFindScript(parseOptions({ root: path }).roots, '')('/secret.js'), at('secret.js'))
})
