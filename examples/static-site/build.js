// The builder: a function that turns Markdown into a site. It writes only files whose content has changed.
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { above, parse } from './markdown.js'
import { arrange } from './nav.js'
import { render } from './template.js'

const at = path => fileURLToPath(new URL(path, import.meta.url))

/** `docs` contains the Markdown. `README.md` beside it is the home page. The site goes to `out`. */
export function site ({ docs, out }) {
  return async (request, { signal }) => {
    const [sources, { version }] = await Promise.all([read(docs), readFile(at('../../package.json'), 'utf8').then(JSON.parse)])
    signal.throwIfAborted()
    const pages = [...sources].filter(([name]) => name.endsWith('.md')).map(([name, bytes]) => page(name, bytes.toString()))
    const sections = arrange(pages)
    const ordered = sections.flatMap(section => section.pages)
    const files = new Map([...sources].filter(([name]) => !name.endsWith('.md')))
    for (const one of ordered) files.set(one.output, Buffer.from(render(one, { sections, pages: ordered, version })))
    files.set('404.html', Buffer.from(render(missing, { sections, pages: ordered, version })))
    const outputs = await write(out, files)
    return { outputs, pages: pages.length, diagnostics: deadLinks(pages, sources) }
  }
}

const page = (source, text) => {
  const parsed = parse(source, text)
  const label = source === 'README.md' ? 'Overview' : parsed.title.replace(/^(\d+)\. /, (_, n) => `${Number(n)}. `)
  return { ...parsed, label, path: above.includes(source) ? source : `docs/${source}` }
}

const missing = page('404.md', '# There is no such page\n\nThe address is wrong, or the page was renamed. Pick one from the menu.\n')

async function read (docs) {
  const sources = new Map()
  for (const name of above) {
    const bytes = await readFile(join(docs, '..', name)).catch(() => undefined)
    if (bytes !== undefined) sources.set(name, bytes)
  }
  for (const [prefix, folder] of [['', docs], ['assets/', at('assets')]]) {
    for (const name of await list(folder)) sources.set(prefix + name, await readFile(join(folder, name)))
  }
  return sources
}

async function write (out, files) {
  const outputs = []
  for (const [name, bytes] of files) {
    const path = join(out, name)
    const old = await readFile(path).catch(() => undefined)
    if (old?.equals(bytes)) continue
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, bytes)
    outputs.push(path)
  }
  for (const name of await list(out)) {
    if (files.has(name)) continue
    await rm(join(out, name))
    outputs.push(join(out, name))
  }
  return outputs
}

// Hidden files (of editors, of Finder) do not belong to the site.
async function list (folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries
    .filter(entry => entry.isFile() && !entry.name.startsWith('.') && !entry.name.endsWith('~'))
    .map(entry => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
}

function deadLinks (pages, sources) {
  return pages.flatMap(({ path, links }) => links
    .filter(({ target }) => !sources.has(target))
    .map(({ target, line }) => ({ severity: 'warning', message: `there is no ${target} to link to`, file: path, line })))
}
