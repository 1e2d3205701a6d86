// Writes the HTML around a page. Without scripts it is complete but for the search.
import { escape } from '../static-site/highlight.js'
import { menuOf } from './navigation.js'

const current = (url, at) => url === at ? ' aria-current="page"' : ''

const parts = [['/getting-started', 'Guide'], ['/api/LiveReloadOptions', 'API'], ['/tags/', 'Tags']]

const partLinks = (url, gap) => parts.map(([to, label]) => `${gap}<a href="${to}"${current(to, url)}>${label}</a>`).join('')

const sidebar = (groups, url) => groups.map(({ title, items }) => `
      <h2>${escape(title)}</h2>
      <ul>${items.map(item => `
        <li><a href="${item.url}"${current(item.url, url)}>${escape(item.label)}</a></li>`).join('')}
      </ul>`).join('')

const contents = headings => headings.length < 3
  ? ''
  : `
    <nav class="contents" aria-label="On this page">
      <h2>On this page</h2>
      <ul>${headings.map(({ tag, id, text }) => `
        <li class="${tag}"><a href="#${id}">${escape(text)}</a></li>`).join('')}
      </ul>
    </nav>`

const pager = (items, url) => {
  const at = items.findIndex(item => item.url === url)
  const link = (item, rel, name) => item === undefined ? '<span></span>' : `<a href="${item.url}" rel="${rel}"><small>${name}</small>${escape(item.label)}</a>`
  return at === -1
    ? ''
    : `
      <nav class="pager" aria-label="Pages">
        ${link(items[at - 1], 'prev', 'Previous')}
        ${link(items[at + 1], 'next', 'Next')}
      </nav>`
}

const versionMenu = (versions, shown) => `
    <details class="versions">
      <summary aria-label="Version ${escape(shown)}: choose another">${escape(shown)}</summary>
      <ul>${versions.map(version => `
        <li><a href="${version === 'latest' ? '/' : `/${version}/`}"${version === shown ? ' aria-current="true"' : ''}>${escape(version)}</a></li>`).join('')}
      </ul>
    </details>`

const tagList = tags => tags.length === 0 ? '' : `\n        <p class="tags" aria-label="Tags">${tags.map(({ tag, slug }) => `<a href="/tags/${slug}">${escape(tag)}</a>`).join(' ')}</p>`

const origin = (page, url) => page.data.path === undefined ? '' : ` This page is made from <code>${escape(page.data.path)}</code>, and is also there as <a href="/${page.outputs[1]}">JSON</a> and as <a href="/${page.outputs[2]}">text</a>.`

/** A page of text. */
export function render ({ page, url, title, body, headings, tags }, { menus, versions }) {
  const menu = menus[menuOf(page)]
  return layout({
    title: url === '/' ? 'fastify-live-reload' : `${title} · fastify-live-reload`,
    head: page.outputs.slice(1).map((path, i) => `\n  <link rel="alternate" type="${['application/json', 'text/plain'][i]}" href="/${path}">`).join(''),
    url,
    menu,
    versions,
    shown: page.version ?? 'latest',
    main: `
      <article>
${body}${tagList(tags)}
      </article>${pager(menu.flatMap(({ items }) => items), url)}`,
    footer: origin(page, url),
    aside: contents(headings.filter(({ tag }) => tag === 'h2' || tag === 'h3'))
  })
}

/** The pages of a tag. */
export function renderTag ({ tag, slug, entries }, { menus, versions }) {
  const list = entries.map(({ url, title }) => `\n          <li><a href="${url}">${escape(title)}</a></li>`).join('')
  return layout({
    title: `${tag} · fastify-live-reload`,
    url: `/tags/${slug}`,
    menu: menus.latest,
    versions,
    shown: 'latest',
    main: `
      <article>
        <h1>${escape(tag)}</h1>
        <p>${entries.length} ${entries.length === 1 ? 'page' : 'pages'}. <a href="/tags/">All tags</a></p>
        <ul>${list}
        </ul>
      </article>`
  })
}

/** All tags. */
export function renderTags (tags, { menus, versions }) {
  const list = tags.map(({ tag, slug, count }) => `\n          <a href="/tags/${slug}">${escape(tag)} <small>${count}</small></a>`).join('')
  return layout({
    title: 'Tags · fastify-live-reload',
    url: '/tags/',
    menu: menus.latest,
    versions,
    shown: 'latest',
    main: `
      <article>
        <h1>Tags</h1>
        <p class="tags">${list}
        </p>
      </article>`
  })
}

function layout ({ title, head = '', url, menu, versions, shown, main, footer = '', aside = '' }) {
  return `<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <meta name="color-scheme" content="light dark">
  <title>${escape(title)}</title>
  <link rel="icon" href="/assets/logo.svg" type="image/svg+xml">
  <link rel="stylesheet" href="/assets/style.css">
  <link rel="stylesheet" href="/assets/docs.css">
  <link rel="alternate" type="application/atom+xml" title="Changed pages" href="/atom.xml">${head}
  <script type="module" src="/assets/search.js"></script>
</head>
<body>
  <a class="skip" href="#main">Skip to the text</a>
  <header>
    <button type="button" class="menu" popovertarget="sidebar" aria-label="Menu"><span></span></button>
    <a class="brand" href="/"><img src="/assets/logo.svg" width="28" height="28" alt=""><span>fastify-live-reload</span></a>${versionMenu(versions, shown)}
    <nav class="shortcuts" aria-label="Parts">${partLinks(url, '\n      ')}
    </nav>
    <search class="search">
      <input type="search" placeholder="Search" aria-label="Search the documentation" aria-controls="results" autocomplete="off" spellcheck="false">
      <ol id="results" hidden></ol>
    </search>
  </header>
  <div class="frame">
    <nav id="sidebar" class="sidebar" popover aria-label="Documentation">
      <div class="parts">${partLinks(url, ' ')}</div>${sidebar(menu, url)}
    </nav>
    <main id="main">${main}
      <footer>MIT licensed.${footer}</footer>
    </main>${aside}
  </div>
</body>
</html>
`
}
