import { test } from 'tap'
import { InsertMemo } from '../../lib/inject/memo.js'

const injection = { tag: '<script src="/x"></script>', position: 'head', navigation: false } as const
const page = (title: string) => `<!doctype html><title>${title}</title>`

test('a page is known by its whole text, not by its length', async t => {
  const memo = new InsertMemo()
  memo.insert(page('a'), injection, 3)
  t.equal(memo.madeSeq(page('a')), 3)
  t.equal(memo.madeSeq(page('b')), undefined)
  t.equal(memo.madeSeq(page('long')), undefined)
})

test('long pages get their tag, and are not kept', async t => {
  const memo = new InsertMemo()
  const long = page('a'.repeat(70_000))
  t.match(memo.insert(long, injection, 1), { html: /<script src="\/x">/ })
  t.equal(memo.madeSeq(long), undefined)
})

test('only so many pages are kept', async t => {
  const memo = new InsertMemo()
  for (let i = 1; i <= 33; i++) memo.insert(page('a'.repeat(i)), injection, i)
  t.equal(memo.madeSeq(page('a')), undefined)
  t.equal(memo.madeSeq(page('a'.repeat(33))), 33)
})
