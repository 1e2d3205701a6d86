// A span for each build and each message.
import { test } from 'tap'
import { example, run } from '../support/example.js'
import { folder } from '../support/folder.js'
import { until } from '../support/wait.js'

test('a save is a span of its build and spans of its messages', async t => {
  const copy = folder(t, { 'src/title.txt': 'first' })
  const { url, output } = await run(t, [example('tracing/server.js')], { PORT: '0', APP_DIR: copy.path })
  const count = (pattern: RegExp): number => output().match(pattern)?.length ?? 0
  await until(() => count(/^span build page [\d.]+ ms$/gm) === 1, 'the span of the first build')
  t.match(await (await fetch(url)).text(), /<h1>first/)
  const before = count(/^span send reload/gm)
  copy.write('src/title.txt', 'second')
  await until(() => count(/^span build page [\d.]+ ms$/gm) === 2, 'the span of the build')
  await until(() => count(/^span send reload [\d.]+ ms$/gm) > before, 'the span of the message')
})
