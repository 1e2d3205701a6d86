// Sheets with a name made from their content: `app.1a2b3c.css` goes, `app.4d5e6f.css` comes. What takes whose place stands in the page's HTML.
import { fetchDocument } from './document.js'
import { all, type Place } from './places.js'
import type { Plan } from './plan.js'
import { replaceLink } from './sheets.js'
import { decode, parse } from './versions.js'

const HASH = /[.\-_][\w-]{6,}(?=\.css$)/

const familyOf = (path: string) => path.replace(HASH, '.*')
const linksIn = (place: Place, base = place.baseURI) => [...all<HTMLLinkElement>(place, 'link[rel~=stylesheet i][href]')].map(link => {
  const href = link.getAttribute('href') as string
  return { link, href, path: decode(parse(href, base)?.pathname ?? '') }
})

/** Plans to put each of the sheets in the place of its predecessor; gives back those that took one, and `own` if the page then has every sheet that its HTML names. */
export async function findFingerprints (address: URL, paths: readonly string[], places: readonly Place[], plan: Plan, own = ''): Promise<string[]> {
  const links = places.flatMap(place => linksIn(place))
  const isAlike = (a: string, b: string) => familyOf(a) === familyOf(b)
  if (!paths.some(path => links.some(link => isAlike(link.path, path)))) return []
  // It was not asked for by the address of the page.
  const named = linksIn(await fetchDocument(address), document.baseURI)
  const shown = paths.filter(path => {
    const next = named.find(link => link.path === path)
    const fresh = next && plan.freshen(next.href, document.baseURI)
    // A page that still names the old one shows the old one. Which of several would be a guess.
    const old = links.filter(({ path: was }) => isAlike(was, path) && !named.some(link => link.path === was))
    if (!fresh || new Set(old.map(link => link.path)).size !== 1) return false
    for (const { link } of old) plan.waits.push(() => replaceLink(link, fresh, plan))
    return true
  })
  return named.every(({ path }) => shown.includes(path) || links.some(link => link.path === path)) ? [...shown, decode(own)] : shown
}
