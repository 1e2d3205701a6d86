import { test } from 'tap'
import { createInserter } from '../../lib/inject/inserter.js'

const PAGE = '<!doctype html><html><head></head><body>x</body></html>'
const HEAD = { position: 'head', navigation: false } as const
const BODY = { position: 'body', navigation: false } as const

test('the same string again is the same result, another is not', async t => {
  const inserter = createInserter({ tag: stamp => `<script data-live-reload="${stamp}"></script>`, stable: () => false })
  const made = inserter.insert(PAGE, 'e:1', HEAD)
  t.equal(inserter.insert(`${PAGE}`, 'e:1', HEAD), made)
  t.match(inserter.insert(PAGE.replace('x', 'y'), 'e:1', HEAD), { html: /y.*/s }, 'as long, with other content')
  t.match(inserter.insert(PAGE, 'e:1', BODY), { html: /x<script/ }, 'elsewhere')
  t.match(inserter.insert(PAGE, 'e:2', BODY), { html: /e:2/ }, 'another stamp')
})

test('no more strings are kept than a few, and none that are large', async t => {
  const inserter = createInserter({ tag: () => '<script></script>', stable: () => false })
  const first = inserter.insert(PAGE, 'e:1', HEAD)
  for (let i = 0; i < 32; i++) inserter.insert(PAGE + ' '.repeat(i + 1), 'e:1', HEAD)
  t.not(inserter.insert(PAGE, 'e:1', HEAD), first)
  const large = PAGE + ' '.repeat(70_000)
  t.not(inserter.insert(large, 'e:1', HEAD), inserter.insert(large, 'e:1', HEAD))
})
