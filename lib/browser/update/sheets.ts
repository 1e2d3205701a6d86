// Updates style sheets: a link is replaced by a copy that has loaded, rules change where they are.
import type { DocumentRoot } from './document-roots.js'
import { loadAside } from './load-aside.js'
import type { Plan } from './plan.js'
import { dryRun, planSheet, rulesOf } from './rules.js'

export function planSheets (root: DocumentRoot, plan: Plan): void {
  for (const sheet of [...root.styleSheets, ...root.adoptedStyleSheets]) {
    const link = sheet.ownerNode as HTMLLinkElement | null
    const href = link?.getAttribute?.('href')
    const fresh = href && plan.freshen(href, link?.baseURI as string)
    planSheet(sheet, root.baseURI, fresh ? dryRun(plan) : plan)
    if (fresh) plan.loads.push(() => replaceLink(link as HTMLLinkElement, fresh, plan))
  }
}

/** The copy applies to no medium until it replaces the link. */
async function replaceLink (link: HTMLLinkElement, fresh: string, plan: Plan): Promise<void> {
  const [next, loaded] = loadAside(link, { href: fresh, media: 'not all' }, plan)
  // A sheet reports an error also when one import fails (fonts of another server, without a network).
  await loaded.catch(error => { if (rulesOf(next.sheet as CSSStyleSheet).length === 0) throw error })
  const sheet = next.sheet as CSSStyleSheet
  planSheet(sheet, next.baseURI, plan)
  plan.commits.push(() => {
    sheet.disabled = !!link.sheet?.disabled
    if (link.media) next.media = link.media
    else next.removeAttribute('media')
    link.remove()
  })
}
