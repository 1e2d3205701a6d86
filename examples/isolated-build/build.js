// Runs in the child process: turns Markdown into a site. Whatever it throws, prints or breaks does not reach the server.
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import MarkdownIt from 'markdown-it'
import { render } from './template.js'

const source = process.env.PAGES
const markdown = new MarkdownIt({ html: true })

export default async function build ({ outDir }, { signal, progress }) {
  const names = (await readdir(source)).filter(name => name.endsWith('.md')).sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1))
  const pages = await Promise.all(names.map(async name => parse(name, await readFile(join(source, name), 'utf8'))))
  signal.throwIfAborted()
  // The directory contains the output of the previous build: remove pages that no longer exist.
  await rm(outDir, { recursive: true, force: true })
  await mkdir(outDir, { recursive: true })
  for (const [i, page] of pages.entries()) {
    await writeFile(join(outDir, page.output), render(page, pages))
    progress({ label: page.output, done: i + 1, total: pages.length })
  }
  await writeFile(join(outDir, 'style.css'), await readFile(join(source, 'style.css')))
  return { pages: pages.length, meta: { pid: process.pid }, diagnostics: pages.flatMap(page => deadLinks(page, names)) }
}

const rank = name => name === 'index.md' ? 0 : 1

function parse (name, text) {
  const title = /^# (.+)$/m.exec(text)?.[1]
  if (title === undefined) throw new Error(`${name} has no heading: begin it with "# "`)
  return { name, text, title, output: name.replace(/\.md$/, '.html'), html: markdown.render(text) }
}

// Diagnostics with a place: the overlay shows the lines around it, and opens an editor there.
function deadLinks ({ name, text }, names) {
  return text.split('\n').flatMap((content, i) => [...content.matchAll(/\]\(([\w-]+)\.html\)/g)]
    .filter(([, target]) => !names.includes(`${target}.md`))
    .map(({ 1: target, index }) => ({ severity: 'error', message: `there is no page ${target}.md to link to`, file: join(source, name), line: i + 1, column: index + 3 })))
}
