// A build module that does what it is told: `changed` is a word, or a file that holds one.
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises'
import { isAbsolute, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import MarkdownIt from 'markdown-it'

const DOCS = fileURLToPath(new URL('../../docs', import.meta.url))
const line = Buffer.alloc(64 * 1024, 'a line of what a build prints\n')

const kinds = {
  nothing () {},
  loop () { for (;;); },
  async print () {
    for (;;) if (!process.stdout.write(line)) await new Promise(resolve => process.stdout.once('drain', resolve))
  },
  memory () {
    const all = []
    for (;;) all.push(new Array(1000).fill(all.length))
  },
  markdown: (out, quick) => renderSite(out, quick === 'quick')
}

export default async ({ changed: [first = 'nothing', ...rest] }) => {
  const word = isAbsolute(first) ? (await readFile(first, 'utf8')).split(' ')[0] : first
  return kinds[word](...rest)
}

/** Every document of this project, ten times over: read, rendered and written. */
export async function renderSite (out, quick) {
  const md = new MarkdownIt()
  const outputs = []
  for (let copy = 0; copy < (quick ? 1 : 10); copy++) {
    await mkdir(join(out, String(copy)), { recursive: true })
    for (const name of await readdir(DOCS)) {
      if (!name.endsWith('.md')) continue
      const path = join(out, String(copy), name.replace('.md', '.html'))
      await writeFile(path, `<!doctype html><title>${name}</title>${md.render(await readFile(join(DOCS, name), 'utf8'))}`)
      outputs.push(path)
    }
  }
  return { outputs, pages: outputs.length }
}
