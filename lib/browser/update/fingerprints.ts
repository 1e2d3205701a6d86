// Sheets with a name made from their content: `app.1a2b3c.css` goes, `app.4d5e6f.css` comes. What takes whose place stands in the page's HTML.
import { fetchDocument } from './document.js'
import { all, type Place } from './places.js'
import type { Plan } from './plan.js'
import { replaceLink } from './sheets.js'
import { decode, type Versions } from './versions.js'

const HASH = /[.\-_][\w-]{6,}(?=\.css$)/
const LINKS = 'link[rel~=stylesheet i][href]'

const familyOf = (path: string) => path.replace(HASH, '.*')
const pathOf = (link: HTMLLinkElement, base = link.baseURI) => decode(new URL(link.getAttribute('href') as string, base).pathname)

/** Plans to put each of the sheets in the place of its predecessor; gives back those that took one. */
export async function findFingerprints (address: URL, paths: readonly string[], places: readonly Place[], versions: Versions, plan: Plan): Promise<string[]> {
  const links = places.flatMap(place => [...all<HTMLLinkElement>(place, LINKS)])
  const pairs = paths.map(decode).flatMap(path => {
    const link = HASH.test(path) && links.find(link => familyOf(pathOf(link)) === familyOf(path))
    return link ? [{ path, link }] : []
  })
  if (pairs.length === 0) return []
  const made = await fetchDocument(address)
  // It was not asked for by the address of the page.
  const named = [...all<HTMLLinkElement>(made, LINKS)].map(next => ({ next, path: pathOf(next, document.baseURI) }))
  return pairs.flatMap(({ path, link }) => {
    const found = named.find(one => one.path === path)
    // A page that still names the old one shows the old one.
    if (!found || named.some(one => one.path === pathOf(link))) return []
    plan.add(replaceLink(link, found.next.getAttribute('href') as string, versions))
    return [path]
  })
}
