// Pairs the nodes of two lists: equal nodes first, then similar ones. The order is kept.
import { withoutStamp } from '../update/freshen.js'
import { isElement, isSame } from './nodes.js'

/** Lists that need more comparisons are not paired. */
const MAX_COMPARISONS = 250_000

/** Maps nodes of `a` to nodes of `b`. */
export function align (a: readonly ChildNode[], b: readonly ChildNode[]): Map<ChildNode, ChildNode> {
  const pairs = new Map<ChildNode, ChildNode>()
  let from = 0
  let endA = a.length
  let endB = b.length
  const pair = (i: number, k: number) => pairs.set(a[i] as ChildNode, b[k] as ChildNode)
  const same = (i: number, k: number) => isSame(a[i] as ChildNode, b[k] as ChildNode)
  while (from < Math.min(endA, endB) && same(from, from)) pair(from, from++)
  while (Math.min(endA, endB) > from && same(endA - 1, endB - 1)) pair(--endA, --endB)
  const rows = endA - from
  const columns = endB - from
  if (rows * columns > MAX_COMPARISONS) return pairs

  // Pair the rest so that the sum of the similarities is largest (dynamic programming, as for the longest common subsequence).
  const weight = (i: number, k: number) => similarity(a[from + i] as ChildNode, b[from + k] as ChildNode)
  const weights = Array.from({ length: rows }, (_, i) => Array.from({ length: columns }, (_, k) => weight(i, k)))
  const best = Array.from({ length: rows + 1 }, () => new Array<number>(columns + 1).fill(0))
  const at = (table: readonly (readonly number[])[], i: number, k: number) => table[i]?.[k] ?? 0
  for (let i = rows - 1; i >= 0; i--) {
    for (let k = columns - 1; k >= 0; k--) {
      const both = at(weights, i, k) && at(weights, i, k) + at(best, i + 1, k + 1)
      ;(best[i] as number[])[k] = Math.max(both, at(best, i + 1, k), at(best, i, k + 1))
    }
  }
  for (let i = 0, k = 0; i < rows && k < columns;) {
    if (at(weights, i, k) && at(best, i, k) === at(weights, i, k) + at(best, i + 1, k + 1)) pair(from + i++, from + k++)
    else if (at(best, i, k) === at(best, i + 1, k)) i++
    else k++
  }
  return pairs
}

/** 0: never a pair. */
function similarity (a: Node, b: Node): number {
  if (a.nodeName !== b.nodeName) return 0
  const same = isSame(a, b)
  if (!isElement(a) || !isElement(b)) return same ? 2 : 1
  return same ? 8 : nameOf(a) === nameOf(b) ? 4 : 0
}

/** Elements with different names are different elements. */
function nameOf (element: Element): string {
  const names = element.localName === 'link' ? ['rel', 'href'] : ['id', 'name', 'property', 'is']
  return names.map(name => withoutStamp(element.getAttribute(name) ?? '')).join()
}
