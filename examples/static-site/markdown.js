// Parses one Markdown file into title, lead, headings, links and HTML.
import { posix } from 'node:path'
import MarkdownIt from 'markdown-it'
import { escape, highlight } from './highlight.js'

const md = new MarkdownIt({ html: false, linkify: false, typographer: false })

md.renderer.rules.fence = (tokens, i) => {
  const language = tokens[i].info.trim().split(/\s+/)[0] ?? ''
  const label = language === '' || language === 'text' ? '' : ` data-language="${escape(language)}"`
  return `<pre${label} tabindex="0"><code>${highlight(tokens[i].content.trimEnd(), language)}</code></pre>\n`
}
md.renderer.rules.table_open = () => '<div class="table" tabindex="0"><table>\n'
md.renderer.rules.table_close = () => '</table></div>\n'
md.renderer.rules.heading_open = (tokens, i) => {
  const { tag, meta } = tokens[i]
  return tag === 'h1' ? '<h1>' : `<${tag} id="${meta.id}"><a class="anchor" href="#${meta.id}" aria-label="Link to this section">#</a>`
}

/** Pages in the folder above the documents. */
export const above = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md']

/** `source` is relative to the documents (`decisions/001-esm-only.md`), or one of those above them. */
export function parse (source, text) {
  const tokens = md.parse(text, {})
  const headings = number(tokens)
  const links = []
  for (const token of tokens) {
    for (const [i, child] of (token.children ?? []).entries()) {
      const name = child.type === 'link_open' ? 'href' : child.type === 'image' ? 'src' : ''
      const url = name === '' ? null : child.attrGet(name)
      if (url === null || /^(?:[a-z]+:|#)/i.test(url)) continue
      const [path, hash = ''] = url.split('#')
      const target = resolve(source, path)
      if (target === undefined) {
        unlink(token.children, i)
        continue
      }
      links.push({ target, line: (token.map?.[0] ?? 0) + 1 })
      child.attrSet(name, relative(output(source), output(target)) + (hash === '' ? '' : `#${hash}`))
    }
  }
  const badges = tokens.findIndex(token => token.type === 'inline' && /^\[?!\[[^\]]*\]\(https?:/.test(token.content))
  if (badges > 0) tokens.splice(badges - 1, 3)
  const lead = tokens[3]?.type === 'paragraph_open' ? md.renderer.render(tokens.slice(4, 5), md.options, {}) : ''
  const title = headings.find(heading => heading.tag === 'h1')?.text ?? source
  return { source, output: output(source), title, lead, headings, links, html: body => md.renderer.render(tokens.slice(body), md.options, {}) }
}

/** The output path of a page. */
export function output (source) {
  return source === 'README.md' ? 'index.html' : source.replace(/\.md$/, '.html')
}

export function relative (from, to) {
  return posix.relative(posix.dirname(from), to) || posix.basename(to)
}

// The source that a link leads to. `undefined`: it leaves the documents (source code, examples).
function resolve (source, link) {
  const path = posix.join(above.includes(source) ? '.' : posix.join('docs', posix.dirname(source)), link)
  return path.startsWith('docs/') ? path.slice('docs/'.length) : above.find(name => name === path)
}

// Such a link works in the repository, but not on this site: only its text stays.
function unlink (children, i) {
  const close = children.findIndex((child, at) => at > i && child.type === 'link_close')
  for (const child of [children[i], children[close]]) {
    child.tag = 'span'
    child.attrs = null
  }
}

function number (tokens) {
  const seen = new Map()
  return tokens.flatMap((token, i) => {
    if (token.type !== 'heading_open') return []
    const text = tokens[i + 1].children.map(child => child.content).join('')
    const slug = text.toLowerCase().replace(/[^\p{L}\p{N}\s_-]/gu, '').replace(/\s/g, '-')
    const count = seen.get(slug) ?? 0
    seen.set(slug, count + 1)
    const id = count === 0 ? slug : `${slug}-${count}`
    token.meta = { id }
    return [{ tag: token.tag, id, text }]
  })
}
