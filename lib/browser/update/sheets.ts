// Style sheets: a link gets a successor that is loaded aside and takes its place in one step; rules are changed where they stand.
import type { Plan } from './plan.js'
import { createPlan } from './plan.js'
import { all, type Place } from './places.js'
import { findInRules, rulesOf } from './rules.js'
import { settle } from './settle.js'
import type { Versions } from './versions.js'

const ASIDE = 'not all'

export function findSheets (place: Place, versions: Versions, plan: Plan): void {
  const replaced = new Set<unknown>()
  for (const link of all<HTMLLinkElement>(place, 'link[rel~=stylesheet i][href]')) {
    const fresh = versions.freshen(link.getAttribute('href') as string, link.baseURI)
    if (!fresh) continue
    replaced.add(link)
    // What it holds is known by this, and is shown by its successor.
    if (link.sheet) findInRules(link.sheet, place, versions, createPlan())
    plan.add(replaceLink(link, fresh, versions))
  }
  for (const sheet of [...place.styleSheets, ...place.adoptedStyleSheets ?? []]) {
    if (!replaced.has(sheet.ownerNode)) findInRules(sheet, place, versions, plan)
  }
}

/** The successor stands behind the link, for no medium, until it is there. */
export function replaceLink (link: HTMLLinkElement, fresh: string, versions: Versions) {
  // The content is another one, so its hash is too.
  const next = link.cloneNode() as HTMLLinkElement
  next.removeAttribute('integrity')
  next.nonce = link.nonce
  next.setAttribute('href', fresh)
  // Switched off by its attribute it has not been loaded, and is not now.
  const off = !link.sheet && link.disabled
  return {
    async prepare () {
      if (off) return
      next.media = ASIDE
      const loaded = settle(next)
      link.after(next)
      // One import that is not to be had (fonts of another server, without a network) is an error of the whole.
      await loaded.catch(error => { if (!next.sheet || rulesOf(next.sheet).length === 0) throw error })
      // Nobody sees what happens in it yet.
      const inner = createPlan()
      if (next.sheet) findInRules(next.sheet, next.getRootNode() as Place, versions, inner)
      await inner.run()
    },
    commit () {
      if (off) return link.replaceWith(next)
      if (next.sheet && link.sheet) next.sheet.disabled = link.sheet.disabled
      const media = link.getAttribute('media')
      if (media === null) next.removeAttribute('media')
      else next.media = media
      link.remove()
    },
    undo () {
      next.remove()
    }
  }
}
