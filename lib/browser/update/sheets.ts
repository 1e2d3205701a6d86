// Style sheets: a link gets a successor that is loaded aside and takes its place in one step; rules are changed where they stand.
import { putAside } from './aside.js'
import type { Place } from './places.js'
import type { Plan } from './plan.js'
import { findInSheet, leaving, rulesOf } from './rules.js'

export function findSheets (place: Place, plan: Plan): void {
  for (const sheet of [...place.styleSheets, ...place.adoptedStyleSheets]) {
    const link = sheet.ownerNode as HTMLLinkElement | null
    const href = link?.getAttribute?.('href')
    const fresh = href && plan.freshen(href, link?.baseURI as string)
    findInSheet(sheet, place.baseURI, fresh ? leaving(plan) : plan)
    if (fresh) plan.waits.push(() => replaceLink(link as HTMLLinkElement, fresh, plan))
  }
}

/** The successor stands behind the link, for no medium, until it is there. */
async function replaceLink (link: HTMLLinkElement, fresh: string, plan: Plan): Promise<void> {
  const [next, loaded] = putAside(link, { href: fresh, media: 'not all' }, plan)
  // One import that is not to be had (fonts of another server, without a network) is an error of the whole.
  await loaded.catch(error => { if (!next.sheet || rulesOf(next.sheet).length === 0) throw error })
  const sheet = next.sheet as CSSStyleSheet
  findInSheet(sheet, next.baseURI, plan)
  plan.commits.push(() => {
    sheet.disabled = !!link.sheet?.disabled
    if (link.media) next.media = link.media
    else next.removeAttribute('media')
    link.remove()
  })
}
