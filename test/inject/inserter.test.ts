import { test } from 'tap'
import type { Stamp } from '../../types/message.js'
import { ASCII } from '../../lib/inject/body/charset.js'
import { createPolicy } from '../../lib/inject/csp/csp.js'
import { createInserter } from '../../lib/inject/body/inserter.js'

const PAGE = '<!doctype html><html><head></head><body>x</body></html>'
const policy = createPolicy({ base: '/__live/', host: 'localhost', secure: false, random: () => 'x', changed: () => {}, tooLate: () => {} })
const target = (position: 'head' | 'body') => (stamp: Stamp) => ({ stamp, position, posted: false, policy, found: { navigation: false, xml: false, charset: ASCII } })
const HEAD = target('head')
const BODY = target('body')

test('the same string again is the same result, another is not', async t => {
  const inserter = createInserter({ tag: stamp => `<script data-live-reload="${stamp}"></script>`, stable: () => false })
  const made = inserter.insert(PAGE, HEAD('e:1'))
  t.equal(inserter.insert(`${PAGE}`, HEAD('e:1')), made)
  t.match(inserter.insert(PAGE.replace('x', 'y'), HEAD('e:1')), { html: /y.*/s }, 'as long, with other content')
  t.match(inserter.insert(PAGE, BODY('e:1')), { html: /x<script/ }, 'elsewhere')
  t.match(inserter.insert(PAGE, BODY('e:2')), { html: /e:2/ }, 'another stamp')
})

test('no more strings are kept than a few, and none that are large', async t => {
  const inserter = createInserter({ tag: () => '<script></script>', stable: () => false })
  const first = inserter.insert(PAGE, HEAD('e:1'))
  for (let i = 0; i < 32; i++) inserter.insert(PAGE + ' '.repeat(i + 1), HEAD('e:1'))
  t.not(inserter.insert(PAGE, HEAD('e:1')), first)
  const large = PAGE + ' '.repeat(70_000)
  t.not(inserter.insert(large, HEAD('e:1')), inserter.insert(large, HEAD('e:1')))
})
