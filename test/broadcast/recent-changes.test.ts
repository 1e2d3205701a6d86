import { test } from 'tap'
import { createRecentChanges } from '../../lib/broadcast/recent-changes.js'
import type { ChangeMessage, UpdateMessage } from '../../types/message.js'

const css = (seq: number, ...paths: string[]): ChangeMessage => ({ type: 'update', seq, updates: paths.map(path => ({ kind: 'css', path })) })
const renamed = (seq: number, was: string, path: string): UpdateMessage => ({ type: 'update', seq, updates: [{ kind: 'css', path, was }] })
const reload = (seq: number): ChangeMessage => ({ type: 'reload', seq, paths: ['a'], files: ['/a'] })

const rows: readonly (readonly [what: string, changes: readonly ChangeMessage[], at: string | undefined, seq: number, expected: ChangeMessage | undefined])[] = [
  ['what shows what is now', [css(1, '/a')], 'e:1', 1, undefined],
  ['who does not say', [css(1, '/a')], undefined, 1, undefined],
  ['what is no stamp', [css(1, '/a')], 'junk', 1, undefined],
  ['one update', [css(1, '/a')], 'e:0', 1, css(1, '/a')],
  ['several, each file once', [css(1, '/a'), css(2, '/b', '/a')], 'e:0', 2, css(2, '/b', '/a')],
  ['names that come and go', [renamed(1, 'a', 'b'), renamed(2, 'b', 'a'), renamed(3, 'a', 'b')], 'e:0', 3, { ...renamed(3, 'b', 'a'), updates: [renamed(3, 'b', 'a'), renamed(3, 'a', 'b')].flatMap(({ updates }) => updates) }],
  ['only what was missed', [reload(1), css(2, '/b')], 'e:1', 2, css(2, '/b')],
  ['a reload among them', [css(1, '/a'), reload(2), css(3, '/b')], 'e:0', 3, { type: 'reload', seq: 3 }],
  ['another process', [css(1, '/a')], 'old:0', 1, { type: 'reload', seq: 1 }],
  ['more than is remembered', Array.from({ length: 12 }, (_, i) => css(i + 1, '/a')), 'e:1', 12, { type: 'reload', seq: 12 }],
  ['as much as is remembered', Array.from({ length: 12 }, (_, i) => css(i + 1, '/a')), 'e:2', 12, css(12, '/a')],
  ['newer than what is now', [css(1, '/a')], 'e:7', 1, { type: 'reload', seq: 1 }]
]

for (const [what, changes, at, seq, expected] of rows) {
  test(what, t => {
    const recent = createRecentChanges()
    for (const change of changes) recent.add(change)
    t.same(recent.missedSince(at, { epoch: 'e', seq }), expected)
    t.end()
  })
}

test('the greeting tells the newest ten, with the paths that a page gives as its reason', t => {
  const recent = createRecentChanges()
  for (let seq = 1; seq <= 12; seq++) recent.add(reload(seq))
  t.equal(recent.all().length, 10)
  t.same(recent.all()[0], reload(3))
  t.end()
})
