// The options of listen(), and the environment variable PORT beside them.
import { test } from 'tap'
import { parseListen } from '../../../lib/entries/dev/options.js'

test('defaults, and what PORT changes', t => {
  t.strictSame(parseListen(undefined, {}), { ports: [3141, 2718, 1618], isFixed: false, host: 'localhost', https: false, open: undefined, qr: false })
  t.strictSame(parseListen({ ports: 3000, host: '0.0.0.0' }, { PORT: '' }), { ports: [3000], isFixed: false, host: '0.0.0.0', https: false, open: undefined, qr: false })
  t.match(parseListen({ ports: [3000, 0] }, {}), { ports: [3000, 0], isFixed: false })
  t.match(parseListen({ ports: [3000, 3001] }, { PORT: '8080' }), { ports: [8080], isFixed: true })
  t.match(parseListen({}, { PORT: '0' }), { ports: [0], isFixed: true })
  t.end()
})

test('what is opened, and where nobody wants that', t => {
  const open = (open: unknown, env: NodeJS.ProcessEnv = {}) => parseListen({ open }, env).open
  t.strictSame([open(true), open('/admin/?a=1'), open(false)], ['/', '/admin/?a=1', undefined])
  t.strictSame([open(true, { BROWSER: 'none' }), open(true, { CI: 'true' }), open(true, { CI: '1' })], [undefined, undefined, undefined])
  t.strictSame([open(true, { BROWSER: 'firefox' }), open(true, { CI: 'false' }), open(true, { CI: '' })], ['/', '/', '/'])
  t.equal(parseListen({ qr: true }, {}).qr, true)
  t.end()
})

test('what is wrong is an error that names the option', t => {
  const cases: readonly (readonly [unknown, NodeJS.ProcessEnv, RegExp])[] = [
    [[], {}, /`listen\(app, options\)` must be an object, got \[\]/],
    [{ port: 3000 }, {}, /unknown option `listen\.port`; known are ports/],
    [{ ports: [] }, {}, /`listen\.ports` must be at least one port; leave it out for the default, got \[\]/],
    [{ ports: '3000' }, {}, /`listen\.ports` must be a whole number from 0 to 65535, or several of them, got "3000"/],
    [{ ports: null }, {}, /`listen\.ports` must be .*, got null/],
    [{ ports: [3000, '3001'] }, {}, /`listen\.ports\[1\]` must be a whole number from 0 to 65535, got "3001"/],
    [{ ports: [-1] }, {}, /`listen\.ports\[0\]` .*, got -1/],
    [{ ports: [65_536] }, {}, /`listen\.ports\[0\]` .*, got 65536/],
    [{ ports: [3.5] }, {}, /`listen\.ports\[0\]` .*, got 3\.5/],
    [{ ports: [NaN] }, {}, /`listen\.ports\[0\]` .*, got NaN/],
    [{ host: '' }, {}, /`listen\.host` must be an address or a name of this machine, got ""/],
    [{ host: 'http://localhost' }, {}, /`listen\.host` must be/],
    [{ https: true }, {}, /`listen\.https` must be 'auto', got true/],
    [{ open: 'admin' }, {}, /`listen\.open` must be true, false, or a path that begins with \/, got "admin"/],
    [{ open: '//evil.test' }, {}, /`listen\.open` .*got "\/\/evil\.test"/],
    [{ open: null }, {}, /`listen\.open` .*got null/],
    [{ qr: 1 }, {}, /`listen\.qr` must be true or false, got 1/],
    [{}, { PORT: '80a' }, /`PORT \(environment\)` must be a whole number from 0 to 65535, got "80a"/],
    [{}, { PORT: '70000' }, /`PORT \(environment\)` .*, got 70000/]
  ]
  for (const [options, env, message] of cases) {
    t.throws(() => parseListen(options, env), { code: /^FST_LIVE_RELOAD_(?:INVALID|UNKNOWN)_OPTION$/, message }, String(message))
  }
  t.end()
})
