// What is served and saved: pages of a size, and trees of them.
import { closeSync, mkdirSync, mkdtempSync, openSync, realpathSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

const LINE = '<p>All that is gold does not glitter, not all those who wander are lost.</p>\n'

/**
 * A whole HTML document of about so many bytes.
 * @param {number} bytes
 * @param {string} head
 */
export function pageOf (bytes, head = '') {
  const start = `<!doctype html>\n<html lang="en">\n<head><meta charset="utf-8"><title>A page</title>${head}</head>\n<body>\n`
  const end = '</body>\n</html>\n'
  return start + LINE.repeat(Math.max(0, Math.round((bytes - start.length - end.length) / LINE.length))) + end
}

/** Directories of this run; all of them go away with it. */
export function createFolders () {
  const home = mkdtempSync(join(realpathSync(tmpdir()), 'live-reload-bench-'))
  let count = 0
  return {
    /** @param {Record<string, string>} files */
    make (files = {}) {
      const path = join(home, String(++count))
      mkdirSync(path)
      for (const [name, content] of Object.entries(files)) {
        mkdirSync(dirname(join(path, name)), { recursive: true })
        writeFileSync(join(path, name), content)
      }
      return path
    },
    remove () { rmSync(home, { recursive: true, force: true, maxRetries: 5 }) }
  }
}

/**
 * A save in place in which the file is never empty. A file that is emptied first stays so for many milliseconds while the disk is busy: what a page or a build
 * makes of that is not what is measured here.
 * @param {string} path
 * @param {string} text not shorter than what is there
 */
export function overwrite (path, text) {
  const file = openSync(path, 'r+')
  writeSync(file, text, 0)
  closeSync(file)
}

/**
 * So many small pages, twenty to a directory. Gives their paths.
 * @param {string} root
 * @param {number} count
 */
export function plant (root, count) {
  const paths = []
  for (let i = 0; i < count; i++) {
    const directory = join(root, `d${Math.floor(i / 20)}`)
    if (i % 20 === 0) mkdirSync(directory)
    paths.push(join(directory, `p${i % 20}.html`))
    writeFileSync(/** @type {string} */ (paths[i]), `<!doctype html><title>${i}</title>`)
  }
  return paths
}
