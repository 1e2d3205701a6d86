// A backend as somebody may write one: it reads all files again and again. It has no faults.
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'

export function makeBackend () {
  return {
    followsNewDirectories: true,
    canOverlap: true,
    async open (root, onHint, { pollInterval }) {
      statSync(root)
      let known = contents(root)
      const timer = setInterval(() => {
        const found = contents(root)
        const paths = [...new Set([...known.keys(), ...found.keys()])].filter(path => known.get(path) !== found.get(path))
        known = found
        if (paths.length > 0) onHint(paths)
      }, pollInterval)
      return { async close () { clearInterval(timer) } }
    }
  }
}

/** Every path, with what is in it. */
function contents (path, found = new Map()) {
  try {
    if (statSync(path).isFile()) return found.set(path, readFileSync(path, 'utf8'))
    found.set(path, '')
    for (const name of readdirSync(path)) contents(join(path, name), found)
  } catch {
    // It went away meanwhile.
    found.delete(path)
  }
  return found
}
