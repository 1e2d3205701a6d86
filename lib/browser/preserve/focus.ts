// Keeps the focused element and its caret.
import { isSecret } from './fields.js'
import type { Keeper } from './keeper.js'

/** In a field: start, end, direction. In editable text: anchor and focus, each as the index of a node and an offset. */
type Caret = readonly [number, number, 'forward' | 'backward' | 'none'] | readonly [number, number, number, number]

/** The host of a shadow tree is the active element of its own tree, too: it does not count. */
const isFocused = (element: Element) => (element.getRootNode() as Document | ShadowRoot).activeElement === element && !element.shadowRoot?.activeElement

const nodesOf = (node: Node): Node[] => [node, ...[...node.childNodes].flatMap(nodesOf)]

export const focus: Keeper<HTMLInputElement, Partial<Caret>> = {
  selector: ':not(body)',
  isViewState: true,
  read (element) {
    if (!isFocused(element)) return undefined
    if (!element.isContentEditable) return isSecret(element) ? [] : [element.selectionStart, element.selectionEnd, element.selectionDirection] as Partial<Caret>
    const nodes = nodesOf(element)
    const { anchorNode, anchorOffset, focusNode, focusOffset } = getSelection() as Selection
    return [nodes.indexOf(anchorNode as Node), anchorOffset, nodes.indexOf(focusNode as Node), focusOffset]
  },
  restore (element, caret) {
    element.focus({ preventScroll: true })
    // Still hidden, disabled, or in a closed dialog.
    if (!isFocused(element)) return true
    if (!element.isContentEditable) return element.setSelectionRange?.(...caret as [number, number, 'none'])
    const nodes = nodesOf(element)
    const [anchor, anchorOffset, end, endOffset] = caret as [number, number, number, number]
    getSelection()?.setBaseAndExtent(nodes[anchor] as Node, anchorOffset, nodes[end] as Node, endOffset)
  }
}
