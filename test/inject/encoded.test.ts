import { randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { deflateRawSync, gzipSync } from 'node:zlib'
import { test } from 'tap'
import { canDecode, openEncoded } from '../../lib/inject/body/encoded.js'

const PAGE = `<!doctype html>${'<p>text '.repeat(5000)}`

test('what is left alone comes as it was, however it is cut', async t => {
  const bytes = gzipSync(PAGE)
  const cuts = [bytes.length, 100, 30]
  for (const size of cuts) {
    const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) => bytes.subarray(i * size, (i + 1) * size))
    const opened = await openEncoded(Readable.from(chunks), 'gzip', () => 'none of ours')
    if (!('raw' in opened)) return t.fail('decoded')
    t.equal(opened.reason, 'none of ours')
    t.ok((await buffer(opened.raw)).equals(bytes), `${chunks.length} pieces`)
  }
})

test('what comes after the verdict comes too', async t => {
  const bytes = gzipSync(`<!doctype html>${randomBytes(100_000).toString('hex')}`)
  for (const cut of [bytes.length / 2, bytes.length]) {
    let decided = () => {}
    const verdict = new Promise<void>(resolve => { decided = resolve })
    async function * slow () {
      yield bytes.subarray(0, cut)
      await verdict
      if (cut < bytes.length) yield bytes.subarray(cut)
    }
    const opened = await openEncoded(Readable.from(slow()), 'gzip', () => {
      setImmediate(decided)
      return 'none of ours'
    })
    t.ok('raw' in opened && (await buffer(opened.raw)).equals(bytes))
  }
})

test('deflate without its first two bytes', async t => {
  const opened = await openEncoded(Readable.from([deflateRawSync(PAGE)]), 'deflate', () => undefined)
  t.equal('plain' in opened && String(await buffer(opened.plain)), PAGE)
})

test('only what there is a way back from', async t => {
  for (const encoding of ['gzip', 'x-gzip', 'br', 'deflate']) t.equal(canDecode(encoding), true, encoding)
  for (const encoding of ['compress', 'toString', '']) t.equal(canDecode(encoding), false, encoding)
})
