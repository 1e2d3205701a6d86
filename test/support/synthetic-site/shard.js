// Renders a shard of a synthetic site by markdown-it, page after page. A page of kind `tags` is rendered from its data.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import MarkdownIt from 'markdown-it'

const md = new MarkdownIt()

export default async function * renderShard ({ pages, globals }, { signal }) {
  const includes = new Map()
  for (const page of pages) {
    signal.throwIfAborted()
    yield page.kind === 'tags' ? renderTag(page, globals) : await renderPage(page, globals, includes)
  }
}

async function renderPage ({ file, outputs, data, kind, version }, globals, includes) {
  const { fields, body } = readFrontMatter(await readFile(file, 'utf8'))
  const text = await expand(body, data.includes, includes)
  const tokens = md.parse(text, {})
  const links = linksOf(tokens)
  const { title, date } = fields
  const tags = fields.tags.split(', ')
  const url = `/${outputs[0].replace(/\w+$/, 'html')}`
  const plain = tokens.filter(token => token.type === 'inline').map(token => token.content).join('\n')
  const html = md.renderer.render(tokens, md.options, {})
  const forms = {
    html: () => layout(title, html, globals),
    json: () => JSON.stringify({ url, title, date, tags, kind, version, text: plain }),
    txt: () => `${title}\n${url}\n\n${plain}\n`
  }
  return {
    files: Object.fromEntries(outputs.map(path => [path, forms[path.split('.').at(-1)]()])),
    sitemapEntries: [{ url, lastmod: date }],
    searchEntries: [{ url, title, text: plain }],
    tagManifest: Object.fromEntries(tags.map(tag => [tag, [{ url, title }]])),
    feedEntries: [{ url, title, date }],
    links: [[url, links]]
  }
}

function renderTag ({ data: { tag, slug, entries }, outputs = [`tags/${slug}.html`] }, globals) {
  const list = entries.map(({ url, title }) => `<li><a href="${url}">${md.utils.escapeHtml(title)}</a></li>`).join('\n')
  return { files: { [outputs[0]]: layout(tag, `<ul>\n${list}\n</ul>\n`, globals) }, sitemapEntries: [{ url: `/${outputs[0]}` }] }
}

function readFrontMatter (text) {
  const [, head, body] = /^---\n([^]*?)\n---\n([^]*)$/.exec(text) ?? [undefined, 'title: Untitled\ndate: 2020-01-01\ntags: None', text]
  return { fields: Object.fromEntries(head.split('\n').map(line => line.split(/: (.*)/s))), body }
}

async function expand (body, dir, known) {
  const [line, name] = /^\{\{ include (.+) \}\}$/m.exec(body) ?? []
  if (name === undefined) return body
  if (!known.has(name)) known.set(name, await readFile(join(dir, name), 'utf8'))
  return body.replace(line, () => known.get(name))
}

/** Links between sources become links between pages. */
function linksOf (tokens) {
  const links = []
  for (const token of tokens.flatMap(({ children }) => children ?? [])) {
    if (token.type !== 'link_open') continue
    token.attrSet('href', token.attrGet('href').replace(/\.md$/, '.html'))
    links.push(token.attrGet('href'))
  }
  return links
}

const layout = (title, html, { versions, sections }) => `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>${md.utils.escapeHtml(title)}</title></head>
<body>
<nav>${versions.map(version => `<b>${version}</b>`).join(' ')} ${sections.map(section => `<i>${section}</i>`).join(' ')}</nav>
<main>
<h1>${md.utils.escapeHtml(title)}</h1>
${html}</main>
</body>
</html>
`
