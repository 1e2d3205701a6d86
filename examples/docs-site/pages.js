// All pages of the site: documents, exported types, the notes of each release, and the files that they need.
import { readdir, readFile, stat } from 'node:fs/promises'
import { basename, join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

const at = path => fileURLToPath(new URL(path, import.meta.url))
const above = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md']
const EXPORT = /^export (?:declare )?(?:interface|type|class|function) (\w+)/gm

/** Sources are read for titles and names only; the shards read them again when they are built. */
export async function listPages (root) {
  const lists = await Promise.all([listDocuments(root), listTypes(root), listReleases(root), listAssets(root)])
  return [...lists.flat(), missing]
}

const missing = {
  id: '404.md',
  kind: 'other',
  data: { title: 'There is no such page', text: '# There is no such page\n\nThe address is wrong, or the page was renamed. Pick one from the menu.\n' },
  outputs: ['404.html']
}

async function listDocuments (root) {
  const docs = join(root, 'docs')
  const sources = [...above.map(name => [name, join(root, name)]), ...(await list(docs, '.md')).map(source => [source, join(docs, source)])]
  const pages = await Promise.all(sources.map(async ([source, file]) => {
    const found = await open(file)
    if (found === undefined) return []
    const title = /^# (.+)$/m.exec(found.text)?.[1].replace(/[`*]/g, '') ?? source
    return [{ id: source, file, version: 'latest', kind: 'content', section: source.includes('/') ? source.split('/')[0] : 'guide', data: { title, date: found.date, path: relative(root, file).split(sep).join('/') }, outputs: outputs(source === 'README.md' ? 'index.html' : source.replace(/md$/, 'html')) }]
  }))
  return pages.flat()
}

/** A page for each type that the library exports. */
async function listTypes (root) {
  const folder = join(root, 'types')
  const pages = new Map()
  for (const name of (await list(folder, '.ts')).sort()) {
    const file = join(folder, name)
    const { text, date } = await open(file) ?? { text: '' }
    for (const [, title] of text.matchAll(EXPORT)) {
      pages.set(title, { id: `api/${title}.md`, file, version: 'latest', kind: 'api', section: 'api', weight: 2, data: { title, date, group: basename(name, '.ts'), path: `types/${name}` }, outputs: outputs(`api/${title}.html`) })
    }
  }
  return [...pages.values()]
}

/** The archive: what each release brought, a page for each part of its notes. */
async function listReleases (root) {
  const file = join(root, 'CHANGELOG.md')
  const { text = '', date } = await open(file) ?? {}
  return text.split(/^## /m).slice(1).flatMap(release => {
    const version = /^\[?([\d.]+[\w.-]*)\]?/.exec(release)?.[1]
    if (version === undefined) return []
    const [intro, ...parts] = release.slice(release.indexOf('\n')).split(/^### /m)
    const toPage = (name, title, body) => ({
      id: `${version}/${name}.md`, version, kind: 'release', section: version, data: { title, date, text: `# ${title}\n\n${body.trim()}\n`, path: 'CHANGELOG.md' }, outputs: outputs(`${version}/${name}.html`)
    })
    return [toPage('index', `Version ${version}`, intro), ...parts.map(part => {
      const title = part.slice(0, part.indexOf('\n')).trim()
      return toPage(title.toLowerCase().replace(/\W+/g, '-'), title, part.slice(title.length))
    })]
  })
}

/** Style sheets, scripts and pictures are pages as well: one that changes is updated in the open tabs. */
async function listAssets (root) {
  const folders = await Promise.all([[at('../static-site/assets'), 'assets/'], [at('assets'), 'assets/'], [join(root, 'docs'), '']]
    .map(async ([folder, prefix]) => (await list(folder, '')).filter(name => !name.endsWith('.md')).map(name => [prefix + name, join(folder, name)])))
  const minisearch = ['assets/minisearch.js', fileURLToPath(import.meta.resolve('minisearch'))]
  return [...folders.flat(), minisearch].map(([id, file]) => ({ id, file, kind: 'asset', outputs: [id] }))
}

const outputs = html => ['html', 'json', 'txt'].map(format => html.replace(/html$/, format))

/** A file and the day of its last change; `undefined` when there is none. */
async function open (file) {
  const [text, stats] = await Promise.all([readFile(file, 'utf8'), stat(file)]).catch(() => [])
  return text === undefined ? undefined : { text, date: stats.mtime.toISOString().slice(0, 10) }
}

// Hidden files (of editors, of Finder) do not belong to the site.
async function list (folder, ending) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries
    .filter(entry => entry.isFile() && entry.name.endsWith(ending) && !entry.name.startsWith('.'))
    .map(entry => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
}
