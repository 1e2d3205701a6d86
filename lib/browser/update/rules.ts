// Inside of style sheets: imports at any depth, images and fonts by their `url()`.
import type { Plan } from './plan.js'
import { fetchAhead } from './settle.js'
import { freshenText, loadFont, loadImage } from './texts.js'

/** Milliseconds between two looks for the imports inside of an import, as no event tells; and how many. */
const LOOK = 3
const MOST = 3000

type Rules = CSSStyleSheet | CSSGroupingRule

/** `base`: what the addresses of a sheet without an address of its own are relative to. */
export function findInSheet (sheet: CSSStyleSheet, base: string, plan: Plan): void {
  const from = sheet.href ?? base
  walk(sheet)

  function walk (container: Rules): void {
    for (const rule of rulesOf(container)) {
      if ('styleSheet' in rule) lookAtImport(rule as CSSImportRule)
      else if ('insertRule' in rule && !('style' in rule)) walk(rule as CSSGroupingRule)
      else lookAtText(rule)
    }
  }

  function lookAtImport (rule: CSSImportRule): void {
    const fresh = plan.freshen(rule.href, from)
    if (rule.styleSheet) findInSheet(rule.styleSheet, base, fresh ? leaving(plan) : plan)
    if (fresh) plan.waits.push(() => replaceImport(rule, new URL(fresh, from).href, base, plan))
  }

  function lookAtText (rule: CSSRule): void {
    const { cssText } = rule
    // A shorthand with a variable, overridden in part: a text can not say that. A variable may be empty.
    if (/(?<!--\S*)\w: ;/.test(cssText)) return
    const fresh = freshenText(cssText, 'style', from, plan, cssText.startsWith('@font-face') ? loadFont : loadImage)
    if (fresh === cssText) return
    plan.commits.push(() => {
      // Several trees may have adopted the sheet.
      if (!rule.parentStyleSheet) return
      insertAfter(rule, fresh)
      remove(rule)
    })
  }
}

/** What goes shows nothing any more; which files it holds is to be known. */
export const leaving = (plan: Plan): Plan => ({ ...plan, waits: [], commits: [] })

/** The new one stands behind the old one until it is there, and the old one goes then. */
async function replaceImport (rule: CSSImportRule, fresh: string, base: string, plan: Plan): Promise<void> {
  await fetchAhead(fresh)
  const next = insertAfter(rule, rule.cssText.replace(/url\(.*?"\)/s, `url("${fresh}")`)) as CSSImportRule
  plan.undos.push(() => remove(next))
  // What could not be loaded before need not be now.
  let looks = MOST
  while (!(next.styleSheet && missing(next) <= missing(rule)) && looks-- > 0) await new Promise(resolve => { setTimeout(resolve, LOOK) })
  // It throws where there is none.
  findInSheet(next.styleSheet as CSSStyleSheet, base, plan)
  plan.commits.push(() => remove(rule))
}

/** Imports in it, at any depth, that are not there. */
function missing ({ styleSheet }: CSSImportRule): number {
  if (!styleSheet) return 1
  return rulesOf(styleSheet).reduce((sum, rule) => 'styleSheet' in rule ? sum + missing(rule as CSSImportRule) : sum, 0)
}

const parentOf = (rule: CSSRule) => (rule.parentRule ?? rule.parentStyleSheet) as Rules
const indexOf = (rule: CSSRule) => rulesOf(parentOf(rule)).indexOf(rule)

function insertAfter (rule: CSSRule, text: string): CSSRule {
  const parent = parentOf(rule)
  return parent.cssRules[parent.insertRule(text, indexOf(rule) + 1)] as CSSRule
}

const remove = (rule: CSSRule) => parentOf(rule).deleteRule(indexOf(rule))

/** Nothing of a sheet of another origin. */
export function rulesOf (container: Rules): CSSRule[] {
  try {
    return [...container.cssRules]
  } catch {
    return []
  }
}
