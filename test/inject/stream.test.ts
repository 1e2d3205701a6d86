import { once } from 'node:events'
import { PassThrough, Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { setImmediate as turn } from 'node:timers/promises'
import { test } from 'tap'
import { insertBytes, type Injection } from '../../lib/inject/body/insert.js'
import { Injector, type Outcome } from '../../lib/inject/body/injector.js'
import { PROLOGUE } from '../../lib/inject/html/scan.js'
import { injectInto, injectStream } from '../../lib/inject/body/stream.js'
import { BODIES, HEADS } from './corpus.js'

const TAG = Buffer.from('<script></script>')
type Given = { readonly position?: 'head' | 'body', readonly navigation?: boolean }

const injection = (given: Given = {}): Injection => ({ tag: String(TAG), position: 'head', navigation: false, ...given })
const outcome = (report: (reason?: string) => void): Outcome => ({ decided: report, failed: report })

function create (given: Given = {}) {
  const told: (string | undefined)[] = []
  return { told, stream: injectStream(injection(given), outcome(reason => told.push(reason))) }
}

async function run (chunks: Buffer[], given?: Given) {
  const { stream, told } = create(given)
  for (const chunk of chunks) stream.write(chunk)
  stream.end()
  return { out: await buffer(stream), told }
}

for (const [position, table] of [['head', HEADS], ['body', BODIES]] as const) {
  for (const navigation of [false, true]) {
    test(`${position}, ${navigation ? 'a navigation' : 'anything'}: cut at every byte it is what the whole becomes`, async t => {
      for (const { name, html } of table) {
        const bytes = Buffer.from(html)
        const whole = insertBytes(bytes, injection({ position, navigation }))
        const expected = 'html' in whole ? whole.html : bytes
        const wrong = []
        for (let cut = 0; cut <= bytes.length; cut++) {
          const { out, told } = await run([bytes.subarray(0, cut), bytes.subarray(cut)], { position, navigation })
          if (!out.equals(expected)) wrong.push([cut, out.toString()])
          if (told.at(-1) !== ('reason' in whole ? whole.reason : undefined)) wrong.push([cut, told])
        }
        const { out } = await run(Array.from(bytes, byte => Buffer.from([byte])), { position, navigation })
        if (!out.equals(expected)) wrong.push(['every', out.toString()])
        t.strictSame(wrong, [], name)
      }
    })
  }
}

test('what can be judged leaves at once', async t => {
  const { stream } = create()
  const seen = (text: string) => stream.read()?.toString() === text
  stream.write('<!doctype html><html>')
  await turn()
  t.ok(seen('<!doctype html><html>'), 'the prologue does not wait for what follows it')
  stream.write('<head><title>')
  await turn()
  t.ok(seen(`<head>${String(TAG)}<title>`))
  stream.write('x')
  await turn()
  t.ok(seen('x'))
})

test('position body holds back a short tail only', async t => {
  const { stream } = create({ position: 'body' })
  stream.write(`<html>${'x'.repeat(100_000)}</body></ht`)
  await turn()
  t.equal(stream.read()?.length, 100_006)
  stream.end('ml>')
  t.equal((await buffer(stream)).toString(), `${String(TAG)}</body></html>`)
})

test('an end that more than 64 KiB follow is let go, the next one counts', async t => {
  const long = '<p>x</p>'.repeat(PROLOGUE / 8)
  const { out } = await run([Buffer.from('<html><body></body>'), Buffer.from(long), Buffer.from('</body></html>')], { position: 'body' })
  t.equal(out.toString(), `<html><body></body>${long}${String(TAG)}</body></html>`)
})

test('gives up when no document begins within 64 KiB, and forgets nothing', async t => {
  const long = Buffer.from(`<!-- ${'x'.repeat(PROLOGUE + 10)} --><!doctype html><html>`)
  for (const size of [1000, PROLOGUE - 1, long.length]) {
    const chunks = []
    for (let at = 0; at < long.length; at += size) chunks.push(long.subarray(at, at + size))
    const { out, told } = await run(chunks, { navigation: true })
    t.ok(out.equals(long), `${size} bytes at a time`)
    t.strictSame(told, ['no document begins within its first 64 KiB'])
  }
})

test('a page that is empty is one all the same', async t => {
  for (const position of ['head', 'body'] as const) {
    const { out, told } = await run([], { navigation: true, position })
    t.equal(out.toString(), String(TAG), position)
    t.strictSame(told, [undefined])
  }
})

test('nothing stays nothing, for who asked for no page', async t => {
  const { out, told } = await run([], { navigation: false })
  t.equal(out.length, 0)
  t.strictSame(told, ['it is empty'])
})

test('strings', async t => {
  t.equal((await buffer(Readable.from(['<ht', 'ml>é']).pipe(create().stream))).toString(), `<html>${String(TAG)}é`)
})

test('a reader that stops stops the source, one that goes away closes it', async t => {
  let made = 0
  const source = new Readable({ read () { made++; this.push(made === 1 ? '<html>' : Buffer.alloc(16_384, 120)) } })
  const stream = injectInto(source, injection(), outcome(() => {}))
  await once(stream, 'readable')
  await turn()
  t.ok(made < 20, `${made} chunks made while nobody reads`)
  stream.destroy()
  await once(source, 'close')
  t.equal(source.errored, null, 'without an error that the app would see')
})

test('a source that ends is left alone, one that fails or closes early fails its reader', async t => {
  const into = (source: Readable) => injectInto(source, injection(), outcome(() => {}))
  const kept = new Readable({ autoDestroy: false, read () { this.push('<html>'); this.push(null) } })
  t.equal((await buffer(into(kept))).toString(), `<html>${String(TAG)}`)
  t.notOk(kept.destroyed)

  const failing = new PassThrough()
  const failed = buffer(into(failing))
  failing.destroy(new Error('disk'))
  await t.rejects(failed, { message: 'disk' })

  const closing = new PassThrough()
  const cut = buffer(into(closing))
  closing.write('<html>')
  closing.destroy()
  await t.rejects(cut, { code: 'ERR_STREAM_PREMATURE_CLOSE' })

  const gone = new PassThrough().on('error', () => {})
  gone.destroy(new Error('before'))
  await new Promise(resolve => gone.once('close', resolve))
  await t.rejects(buffer(into(gone)), { message: 'before' })
})

test('the first bytes leave before more is read, and so do others after every 64 KiB', async t => {
  const page = Buffer.from('<!doctype html><html><head><title>x</title></head><body>')
  const [small, large] = [Buffer.alloc(1_000, 'x'), Buffer.alloc(65_536, 'x')]
  for (const position of ['head', 'body'] as const) {
    const { stream } = create({ position })
    const seen: number[] = []
    stream.on('data', (bytes: Buffer) => seen.push(bytes.length))
    const early = new Promise(resolve => { setImmediate(() => resolve(seen.length)) })
    // All of it is there already.
    for (const bytes of [page, small, small, large, large, small]) stream.write(bytes)
    t.equal(await early, 1, position)
    const counts = new Set<number>()
    for (let i = 0; i < 4; i++) {
      await turn()
      counts.add(seen.length)
    }
    t.ok(counts.size > 1, `${position}: ${[...counts]}`)
    t.equal(seen.length, 6)
    stream.destroy()
  }
})

test('UTF-16 is left alone', async t => {
  for (const bytes of [Buffer.from('\uFEFF<html><head>', 'utf16le'), Buffer.from('<html><head>', 'utf16le')]) {
    const { out, told } = await run(Array.from(bytes, byte => Buffer.from([byte])), { navigation: true })
    t.ok(out.equals(bytes))
    t.strictSame(told, ['its encoding does not contain ASCII'])
  }
})

/** Milliseconds of processor time, which other processes do not lengthen, to push a document of so many bytes through, in pieces of `size`. */
function timeOf (start: string, piece: string, bytes: number, size: number, position: 'head' | 'body'): number {
  const injector = new Injector(injection({ position, navigation: true }), outcome(() => {}))
  const all = Buffer.from(piece.repeat(Math.ceil(size / piece.length))).subarray(0, size)
  const began = process.cpuUsage()
  injector.push(Buffer.from(start), false)
  for (let sent = 0; sent < bytes; sent += size) injector.push(all, false)
  injector.push(Buffer.alloc(0), true)
  const { user, system } = process.cpuUsage(began)
  return (user + system) / 1000
}

test('the time for a stream is linear, also when a tag or comment never ends', async t => {
  const cases: [name: string, start: string, piece: string][] = [
    ['a meta without an end', '<!doctype html><html><head><meta ', 'a="b" '], ['a meta with an open quote', '<!doctype html><html><head><meta content="', 'x > y '], ['an end of the body without an end', '<!doctype html><body></body ', 'a="b" '],
    ['a comment without an end', '<!doctype html><head><!-- ', 'x -- > '], ['many metas', '<!doctype html><head>', '<meta name="a" content="b">'], ['many ends of the body', '<!doctype html><body>', '</body>'],
    ['a name without an end', '<!doctype html><body><a', 'a'], ['ends of nothing, deep in an SVG', `<!doctype html><body><svg>${'<g>'.repeat(4000)}`, '</x>']
  ]
  const SIZE = 256 * 1024
  for (const position of ['head', 'body'] as const) {
    for (const [name, start, piece] of cases) {
      timeOf(start, piece, SIZE, 256, position)
      let [small, large] = [Infinity, Infinity]
      // Four times the bytes take four times as long, or sixteen times when the time is quadratic.
      const isLinear = () => large < 9 * small + 20
      // The best of several turns: garbage may be collected during any of them.
      for (let turn = 0; turn < 5 || (turn < 20 && !isLinear()); turn++) {
        small = Math.min(small, timeOf(start, piece, SIZE, 256, position))
        large = Math.min(large, timeOf(start, piece, 4 * SIZE, 256, position))
      }
      t.ok(isLinear(), `${position}, ${name}: ${small.toFixed(1)} ms, ${large.toFixed(1)} ms for four times as much`)
    }
  }
})
