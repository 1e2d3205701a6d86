// Backends that are wrong in one way each: the test that has to find it, and what that has to say.
import { existsSync } from 'node:fs'

const FILES = 'hints at files that are written, made, renamed and removed'
const CLOSED = 'is silent when it is closed, and may be closed twice'

/** A backend that changes what it hints at. */
const hinting = change => ({ open }) => ({ open: (root, onHint, options) => open(root, paths => onHint(change(paths)), options) })

export const BACKEND_FAULTS = {
  'hints at nothing': { fails: FILES, says: 'not within 100 ms: a hint for /root/page.html, which was written', timeout: 100, change: hinting(() => []) },
  'does not look below a directory': { fails: FILES, says: 'not within 600 ms: a hint for /root/sub/deep/page.html, which was written', timeout: 600, change: hinting(paths => paths.filter(path => !path.includes('deep'))) },
  'does not see what goes': { fails: FILES, says: 'not within 600 ms: a hint for /root/sub/moved.html, which was removed', timeout: 600, change: hinting(paths => paths.filter(path => existsSync(path))) },
  'names other paths': { fails: 'names paths below the root that it was given', says: 'a hint has paths below the root that was given; also /elsewhere', change: hinting(paths => paths.flatMap(path => [path, `/elsewhere${path}`])) },
  'takes directories only': { fails: 'watches a single file', says: 'not within 100 ms: a hint for /root/page.html, which was written', timeout: 100, change: ({ open }) => ({ open: (root, onHint, options) => open(root, root.endsWith('.html') ? () => {} : onHint, options) }) },
  'refuses without a code': { fails: 'refuses what does not exist, with a code', says: 'open() of what does not exist rejects with an Error that has a `code`', change: ({ open }) => ({ open: (...given) => open(...given).catch(() => { throw new Error('refused') }) }) },
  'goes on when it is closed': {
    fails: CLOSED,
    says: 'there are no hints after close()',
    change: ({ open }) => ({
      async open (...given) {
        const handle = await open(...given)
        return { async close () { setTimeout(handle.close, 1_000) } }
      }
    })
  },
  'cannot be closed twice': {
    fails: CLOSED,
    says: 'close() may be called twice; it rejected with Error: closed',
    change: ({ open }) => ({
      async open (...given) {
        const handle = await open(...given)
        let isClosed = false
        return { async close () { if (isClosed) throw new Error('closed'); isClosed = true; await handle.close() } }
      }
    })
  },
  'follows new directories in name only': {
    fails: 'hints at a directory that is made, and at what is in it where it follows',
    says: 'not within 600 ms: a hint for /root/sub/made/page.html, which was made in a new directory',
    timeout: 600,
    change: hinting(paths => paths.filter(path => !path.includes('made/')))
  },
  'opens once': {
    fails: 'two handles work side by side where they may, one after the other everywhere',
    says: 'a root is opened again while it is open, which `canOverlap` says; open() rejected with Error: taken',
    change ({ open }) {
      let count = 0
      return { async open (...given) { if (++count > 1) throw new Error('taken'); return await open(...given) } }
    }
  }
}
