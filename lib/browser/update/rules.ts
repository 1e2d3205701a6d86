// Updates addresses inside of style sheets: imports at any depth, and `url()` of images and fonts.
import { freshenText, loadFont, loadImage } from './addresses.js'
import { preloadSheet } from './load-element.js'
import type { Plan } from './plan.js'

/** No event tells when an import inside of an import has loaded, so we poll: this often, and at most so many times. */
const POLL_INTERVAL_MS = 3
const MAX_POLLS = 3000

type RuleContainer = CSSStyleSheet | CSSGroupingRule

/** `base`: resolves the addresses of a sheet that has no address of its own. */
export function planSheet (sheet: CSSStyleSheet, base: string, plan: Plan): void {
  const from = sheet.href ?? base
  walk(sheet)

  function walk (container: RuleContainer): void {
    for (const rule of rulesOf(container)) {
      if ('styleSheet' in rule) planImport(rule as CSSImportRule)
      else if ('insertRule' in rule && !('style' in rule)) walk(rule as CSSGroupingRule)
      else planRule(rule)
    }
  }

  function planImport (rule: CSSImportRule): void {
    const fresh = plan.freshen(rule.href, from)
    if (rule.styleSheet) planSheet(rule.styleSheet, base, fresh ? dryRun(plan) : plan)
    if (fresh) plan.loads.push(() => replaceImport(rule, new URL(fresh, from).href, base, plan))
  }

  function planRule (rule: CSSRule): void {
    const { cssText } = rule
    // A shorthand with a variable that is overridden in part has no text that says so: leave the rule alone. An empty variable is fine.
    if (/(?<!--\S*)\w: ;/.test(cssText)) return
    const fresh = freshenText(cssText, 'style', from, plan, cssText.startsWith('@font-face') ? loadFont : loadImage)
    if (fresh === cssText) return
    plan.commits.push(() => {
      // Another tree that adopted the same sheet may have replaced the rule already.
      if (!rule.parentStyleSheet) return
      insertAfter(rule, fresh)
      remove(rule)
    })
  }
}

/** For a sheet that will be replaced: finds which files it uses and changes nothing. */
export const dryRun = (plan: Plan): Plan => ({ ...plan, loads: [], commits: [] })

/** The new rule stands behind the old one while it loads. */
async function replaceImport (rule: CSSImportRule, fresh: string, base: string, plan: Plan): Promise<void> {
  await preloadSheet(fresh)
  const next = insertAfter(rule, rule.cssText.replace(/url\(.*?"\)/s, `url("${fresh}")`)) as CSSImportRule
  plan.undos.push(() => remove(next))
  // Nested imports that failed to load before may fail again.
  let polls = MAX_POLLS
  while (!(next.styleSheet && countMissing(next) <= countMissing(rule)) && polls-- > 0) await new Promise(resolve => { setTimeout(resolve, POLL_INTERVAL_MS) })
  // Throws when there is still no sheet.
  planSheet(next.styleSheet as CSSStyleSheet, base, plan)
  plan.commits.push(() => remove(rule))
}

/** Imports in the rule, at any depth, that have not loaded. */
function countMissing ({ styleSheet }: CSSImportRule): number {
  if (!styleSheet) return 1
  return rulesOf(styleSheet).reduce((sum, rule) => 'styleSheet' in rule ? sum + countMissing(rule as CSSImportRule) : sum, 0)
}

const parentOf = (rule: CSSRule) => (rule.parentRule ?? rule.parentStyleSheet) as RuleContainer
const indexOf = (rule: CSSRule) => rulesOf(parentOf(rule)).indexOf(rule)

function insertAfter (rule: CSSRule, text: string): CSSRule {
  const parent = parentOf(rule)
  return parent.cssRules[parent.insertRule(text, indexOf(rule) + 1)] as CSSRule
}

const remove = (rule: CSSRule) => parentOf(rule).deleteRule(indexOf(rule))

/** Empty for a sheet of another origin. */
export function rulesOf (container: RuleContainer): CSSRule[] {
  try {
    return [...container.cssRules]
  } catch {
    return []
  }
}
