// What has the focus, and where the caret is.
import { isSecret } from './fields.js'
import type { Keeper } from './keeper.js'

/** Of a field: from, to, direction. Of editable text: nodes by their numbers, each with an offset. */
type Caret = readonly [number, number, 'forward' | 'backward' | 'none'] | readonly [number, number, number, number]

/** In a shadow tree too: there the element around it has the focus of its own tree. */
const isFocused = (element: Element) => (element.getRootNode() as Document | ShadowRoot).activeElement === element && !element.shadowRoot?.activeElement

const nodesOf = (node: Node): Node[] => [node, ...[...node.childNodes].flatMap(nodesOf)]

export const focus: Keeper<HTMLInputElement, Partial<Caret>> = {
  of: ':not(body)',
  yields: true,
  take (element) {
    if (!isFocused(element)) return undefined
    if (!element.isContentEditable) return isSecret(element) ? [] : [element.selectionStart, element.selectionEnd, element.selectionDirection] as Partial<Caret>
    const nodes = nodesOf(element)
    const { anchorNode, anchorOffset, focusNode, focusOffset } = getSelection() as Selection
    return [nodes.indexOf(anchorNode as Node), anchorOffset, nodes.indexOf(focusNode as Node), focusOffset]
  },
  put (element, caret) {
    element.focus({ preventScroll: true })
    // Not yet to be focused: hidden, disabled, in a dialog that is still closed.
    if (!isFocused(element)) return true
    if (!element.isContentEditable) return element.setSelectionRange?.(...caret as [number, number, 'none'])
    const nodes = nodesOf(element)
    const [anchor, anchorOffset, end, endOffset] = caret as [number, number, number, number]
    getSelection()?.setBaseAndExtent(nodes[anchor] as Node, anchorOffset, nodes[end] as Node, endOffset)
  }
}
