// Runs in a worker: renders the pages of a shard, one after the other.
import { readFile } from 'node:fs/promises'
import { parse } from '../static-site/markdown.js'
import { urlOf } from './navigation.js'
import { tagsIn } from './tags.js'
import { render, renderTag, renderTags } from './template.js'

export default async function * buildShard ({ pages, globals }, { signal }) {
  for (const page of pages) {
    signal.throwIfAborted()
    yield page.kind === 'asset'
      ? { files: { [page.outputs[0]]: await readFile(page.file) } }
      : page.kind === 'tags' ? buildTag(page, globals) : await buildPage(page, globals)
  }
}

async function buildPage (page, globals) {
  const text = await textOf(page, globals)
  const { title, html, headings, links } = parse(page.id, text)
  const url = urlOf(page)
  const { date } = page.data
  const body = html(0)
  // Without its heading, which is the title.
  const plain = toPlain(html(3))
  // The archive is not what the pages of a tag are about.
  const tags = page.kind === 'release' ? [] : tagsIn(text)
  const forms = {
    html: () => render({ page, url, title, body, headings, tags }, globals),
    json: () => `${JSON.stringify({ url, title, kind: page.kind, section: page.section, version: page.version, tags, date, headings: headings.map(({ id, text }) => ({ id, text })), text: plain })}\n`,
    txt: () => `${title}\n${url}\n\n${text}`
  }
  const files = Object.fromEntries(page.outputs.map(path => [path, forms[path.split('.').at(-1)]()]))
  if (page.kind === 'other') return { files }
  return {
    files,
    sitemapEntries: [{ url, lastmod: date }],
    searchEntries: [{ url, title: page.kind === 'release' ? `${title} (${page.version})` : title, text: plain }],
    tagManifest: Object.fromEntries(tags.map(({ tag }) => [tag, [{ url, title }]])),
    feedEntries: page.kind === 'content' ? [{ url, title, date }] : [],
    links: [[url, links.map(({ target }) => `/${target.replace(/(?:^README)?\.md$/, '')}`)]]
  }
}

function buildTag ({ data, outputs: [path] }, globals) {
  return {
    files: { [path]: data.all === undefined ? renderTag(data, globals) : renderTags(data.all, globals) },
    sitemapEntries: [{ url: urlOf({ outputs: [path] }) }]
  }
}

/** Markdown: of a file, of the page itself, or written from the declaration of a type. */
async function textOf ({ kind, file, data }, { types }) {
  if (kind !== 'api') return data.text ?? await readFile(file, 'utf8')
  // The compiler takes 200 ms to load: a shard without types does without it.
  const { describeType } = await import('./api.js')
  return describeType(file, data.title, types)
}

const ENTITIES = { amp: '&', lt: '<', gt: '>', quot: '"' }
const toPlain = html => html.replace(/<[^>]+>/g, ' ').replace(/&(\w+);/g, (all, name) => ENTITIES[name] ?? all).replace(/\s+/g, ' ').trim()
