// What many pages show: menus and versions. A shard gets, and depends on, the menus of its own pages only.
import { arrange } from '../static-site/nav.js'

export const urlOf = ({ outputs: [html] }) => `/${html.replace(/(?:index)?\.html$/, '')}`

const itemOf = page => ({ url: urlOf(page), label: page.id === 'README.md' ? 'Overview' : page.data.title.replace(/^(\d+)\. /, (_, n) => `${Number(n)}. `) })

export function navigation (pages) {
  const of = kind => pages.filter(page => page.kind === kind)
  const documents = of('content').map(page => ({ source: page.id, page }))
  const versions = [...new Set(of('release').map(({ version }) => version))]
  const menus = Object.fromEntries([
    ['latest', arrange(documents).map(({ title, pages }) => ({ title, items: pages.map(({ page }) => itemOf(page)) }))],
    ['api', grouped(of('api'), ({ data }) => data.group)],
    ...versions.map(version => [version, grouped(of('release').filter(page => page.version === version), () => `Version ${version}`)])
  ])
  return { menus, versions: ['latest', ...versions], types: of('api').map(({ data }) => data.title) }
}

export function navigationOf ({ menus, versions, types }, pages) {
  const names = new Set(pages.map(menuOf))
  return {
    menus: Object.fromEntries(Object.entries(menus).filter(([name]) => names.has(name))),
    versions,
    ...names.has('api') && { types }
  }
}

/** The menu that a page shows. */
export const menuOf = ({ kind, version }) => kind === 'api' ? 'api' : kind === 'release' ? version : kind === 'asset' || kind === 'search' ? '' : 'latest'

function grouped (pages, groupOf) {
  const groups = new Map()
  for (const page of pages) groups.set(groupOf(page), [...groups.get(groupOf(page)) ?? [], itemOf(page)])
  return [...groups].map(([title, items]) => ({ title: title.replaceAll('-', ' '), items }))
}
