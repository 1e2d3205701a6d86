// What every builder promises, by the suite of the test kit.
import assert from 'node:assert/strict'
import { appendFileSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { contextOf, requestOf, testBuilder } from 'fastify-live-reload/testing'
import { pages } from './builder.js'

const mark = join(mkdtempSync(join(tmpdir(), 'pages-')), 'mark')

const render = {
  success () {},
  failure () { throw new Error('broken on purpose') },
  throw () { throw new Error('thrown on purpose', { cause: new Error('the cause') }) },
  hang () {
    appendFileSync(mark, '.')
    return new Promise(() => {})
  },
  progress ({ progress }) { progress({ label: 'pages', done: 1, total: 2 }) },
  log ({ log }) { log('a line') }
}

testBuilder('pages', { make: behaviour => pages(render[behaviour]), mark, without: ['late-throw'] }, { test })

test('a page without a title is named', async () => {
  const context = contextOf()
  const result = await pages(({ log }) => { log('index.md'); throw new Error('no title') }).build(requestOf({ reason: 'change' }), context)
  assert.equal(result.ok, false)
  assert.deepEqual(context.lines, ['index.md'])
})
