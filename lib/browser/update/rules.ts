// Inside of style sheets: imports at any depth, images and fonts by their `url()`.
import { createPlan, type Plan } from './plan.js'
import type { Place } from './places.js'
import { fetchAhead } from './settle.js'
import type { Versions } from './versions.js'

const URL_TOKEN = /url\(\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|([^)"'\s]*))\s*\)/g
/** Milliseconds the imports inside of an import may take, and between two looks: no event tells. */
const PATIENCE = 10_000
const LOOK = 3

type Rules = CSSStyleSheet | CSSGroupingRule

export function findInRules (sheet: CSSStyleSheet, place: Place, versions: Versions, plan: Plan): void {
  const base = sheet.href ?? (place as Document).baseURI
  walk(sheet)

  function walk (container: Rules): void {
    for (const rule of rulesOf(container)) {
      if (isImport(rule)) lookAtImport(rule)
      else if (rule.type === CSSRule.FONT_FACE_RULE) lookAtFont(rule)
      else {
        if ('style' in rule) findInStyle((rule as CSSStyleRule).style, base, versions, plan)
        if ('cssRules' in rule) walk(rule as CSSGroupingRule)
      }
    }
  }

  function lookAtImport (rule: CSSImportRule): void {
    const fresh = versions.freshen(rule.href, base)
    if (rule.styleSheet) findInRules(rule.styleSheet, place, versions, fresh ? createPlan() : plan)
    if (!fresh) return
    plan.add(replaceImport(rule, new URL(fresh, base).href, sheet => {
      const inner = createPlan()
      findInRules(sheet, place, versions, inner)
      return inner.run()
    }))
  }

  function lookAtFont (rule: CSSRule): void {
    const text = freshenUrls(rule.cssText, base, versions, address => plan.load(address, 'font'))
    if (text !== rule.cssText) plan.add({ commit: () => replaceRule(rule, text) })
  }
}

/** A style: of a rule, or of an element. */
export function findInStyle (style: CSSStyleDeclaration, base: string, versions: Versions, plan: Plan): void {
  for (const name of [...style]) {
    const value = style.getPropertyValue(name)
    const fresh = value.includes('url(') ? freshenUrls(value, base, versions, address => plan.load(address, 'image')) : value
    if (fresh !== value) plan.add({ commit: () => style.setProperty(name, fresh, style.getPropertyPriority(name)) })
  }
}

function freshenUrls (text: string, base: string, versions: Versions, each: (address: string) => void): string {
  return text.replace(URL_TOKEN, (token, double?: string, single?: string, bare?: string) => {
    const fresh = versions.freshen((double ?? single ?? bare ?? '').replace(/\\(.)/g, '$1'), base)
    if (!fresh) return token
    const { href } = new URL(fresh, base)
    each(href)
    return `url("${href}")`
  })
}

/** The new one stands behind the old one until it is there, and the old one goes then. */
function replaceImport (rule: CSSImportRule, fresh: string, inside: (sheet: CSSStyleSheet) => Promise<void>) {
  let next: CSSImportRule | undefined
  return {
    async prepare () {
      await fetchAhead(fresh)
      next = insertAfter(rule, rule.cssText.replace(URL_TOKEN, `url("${fresh}")`)) as CSSImportRule
      const end = Date.now() + PATIENCE
      while (!isLoaded(next, rule) && Date.now() < end) await new Promise(resolve => { setTimeout(resolve, LOOK) })
      if (!next.styleSheet) throw new Error('not loaded')
      await inside(next.styleSheet)
    },
    commit: () => remove(rule),
    undo: () => { if (next) remove(next) }
  }
}

function isLoaded (rule: CSSImportRule, old: CSSImportRule): boolean {
  // What could not be loaded before need not be now.
  return rule.styleSheet !== null && (missing(rule) === 0 || missing(rule) <= missing(old))
}

/** Imports in it, at any depth, that are not there. */
function missing ({ styleSheet }: CSSImportRule): number {
  if (!styleSheet) return 1
  return rulesOf(styleSheet).filter(isImport).reduce((sum, rule) => sum + missing(rule), 0)
}

function replaceRule (rule: CSSRule, text: string): void {
  insertAfter(rule, text)
  remove(rule)
}

function insertAfter (rule: CSSRule, text: string): CSSRule {
  const parent = (rule.parentRule ?? rule.parentStyleSheet) as Rules
  const index = rulesOf(parent).indexOf(rule) + 1
  parent.insertRule(text, index)
  return parent.cssRules[index] as CSSRule
}

function remove (rule: CSSRule): void {
  const parent = (rule.parentRule ?? rule.parentStyleSheet) as Rules
  parent.deleteRule(rulesOf(parent).indexOf(rule))
}

/** Nothing of a sheet of another origin. */
export function rulesOf (container: Rules): CSSRule[] {
  try {
    return [...container.cssRules]
  } catch {
    return []
  }
}

function isImport (rule: CSSRule): rule is CSSImportRule {
  return rule.type === CSSRule.IMPORT_RULE
}
